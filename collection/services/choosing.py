"""Debts placed over all agencies of a market at once, by hand or each day: which agency gets which, and what that comes to."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from accounts.models import User
from collection.agencies import list_placed
from collection.agency_money import rates_on
from collection.agency_rules import Debt, Ruled, rule_on_debts
from collection.allotting import Bidder, allot
from collection.conduct import list_held, scores_of
from collection.contacting import kept_with_us
from collection.held import why_held
from collection.models import Agency, Placement
from collection.placing import Budget, find_budgets, left_of
from collection.queries import lock_agencies
from collection.services.agencies import MAY_MANAGE, choice_of, place_with, ready_of
from core.clock import local_date
from core.db import unit
from core.errors import require
from markets.queries import get_market
from plans.models import Plan
from plans.queries import lock_plans
from plans.sales import list_to_sell


@dataclass(frozen=True, slots=True)
class Lot:
    """What an agency would get now: its debts, with what is open of each in minor units, its score, and what rules say of each.

    `agency` is None for what rules leave with us.
    """

    agency: Agency | None
    debts: dict[uuid.UUID, int]
    score: int = 0
    ruled: Mapping[uuid.UUID, Ruled] = field(default_factory=dict)

    @property
    def total_minor(self) -> int:
        """What is open of all its debts."""
        return sum(self.debts.values())

    @property
    def by_rule(self) -> list[tuple[dict[str, object], int]]:
        """Return the rules that chose it (`kept_rule`), each with how many of its debts it chose."""
        found: dict[str, tuple[dict[str, object], int]] = {}
        for key in self.debts:
            kept = self.ruled[key].kept
            if kept:
                name = f"{kept['id']} {kept['row']}"
                found[name] = kept, found.get(name, (kept, 0))[1] + 1
        return list(found.values())


def lots_of(market: str, at: datetime) -> list[Lot]:
    """Return what each agency of a market that gets debts would get now, without those that get nothing new; then what rules keep with us.

    Not the same agency twice for one plan. Notices that must come before are not looked at: those debts wait when they are placed.
    """
    opened = Agency.objects.filter(market=get_market(market), stopped_at=None).select_related("market").order_by("id")
    return _lots(list(opened), at)


def _lots(agencies: Sequence[Agency], at: datetime, *, zone: str = "") -> list[Lot]:
    """Return the lots of a market; those of a zone alone leave out what an operator took back from an agency."""
    held = list_held([one.pk for one in agencies])
    able = [one for one in agencies if one.stopped_at is None and one.pk not in held]
    scores = {key: one.points for key, one in scores_of(able, at).items()}
    takes = {one.public_id: dict(list_to_sell(choice_of(one, at, zone))) for one in able}
    minors = {key: minor for found in takes.values() for key, minor in found.items()}
    plans = {plan.pk: plan for plan in _plans(minors)}
    gone = {*list_placed(list(minors)), *kept_with_us(list(minors)), *why_held(list(plans.values()), at)}
    before, taken_back = _had(list(minors))
    gone |= taken_back if zone else set()
    bidders = _bidders(able, scores, at)
    may = {
        key: [one.key for one in bidders if one.weight and key in takes[one.key] and one.key not in before[key]]
        for key in minors
        if key not in gone
    }
    ruled = _ruled(plans, minors, may, before, bidders, at)
    chosen = _allot(minors, {key: one.able for key, one in ruled.items()}, bidders, {key for key, one in ruled.items() if one.kept})
    lots = [Lot(one, _of(minors, chosen, one.public_id), scores[one.pk], ruled) for one in able]
    left = {key: minors[key] for key, one in ruled.items() if not one.able}
    return lots + ([Lot(None, left, ruled=ruled)] if left else [])


def _bidders(agencies: Sequence[Agency], scores: Mapping[uuid.UUID, int], at: datetime) -> list[Bidder]:
    rates = rates_on(agencies, local_date(at, agencies[0].market.time_zone)) if agencies else {}
    return [Bidder(one.public_id, rates[one.pk], scores[one.pk]) for one in agencies]


def _plans(keys: Mapping[uuid.UUID, int]) -> list[Plan]:
    return list(Plan.objects.filter(pk__in=keys).select_related("product").defer("agreement", "agreement_before"))


def _had(plan_ids: Sequence[uuid.UUID]) -> tuple[Mapping[uuid.UUID, list[str]], set[uuid.UUID]]:
    """Return the agencies that had plans, by the plan, in the order in which they had them, and what operators took back; one query.

    What they let go again is not among it.
    """
    found: dict[uuid.UUID, list[str]] = defaultdict(list)
    taken_back = set[uuid.UUID]()
    for one in Placement.objects.filter(plan__in=plan_ids).select_related("agency", "release").order_by("id"):
        found[one.plan_id].append(one.agency.public_id)
        taken_back |= {one.plan_id} if one.recall_cause == Placement.BY_HAND and not hasattr(one, "release") else set()
    return found, taken_back


def _ruled(
    plans: Mapping[uuid.UUID, Plan],
    minors: Mapping[uuid.UUID, int],
    may: Mapping[uuid.UUID, Sequence[str]],
    before: Mapping[uuid.UUID, Sequence[str]],
    bidders: Sequence[Bidder],
    at: datetime,
) -> dict[uuid.UUID, Ruled]:
    """Return what rules say of each debt that some agency may have."""
    usual, scores = _allot(minors, may, bidders), {one.key: one.score for one in bidders}
    return rule_on_debts(
        [Debt(plans[key], minors[key], able, before[key], usual[key], scores[usual[key]]) for key, able in may.items() if able], at
    )


def _allot(
    minors: Mapping[uuid.UUID, int],
    may: Mapping[uuid.UUID, Sequence[str]],
    bidders: Sequence[Bidder],
    first: frozenset[uuid.UUID] | set[uuid.UUID] = frozenset(),
) -> dict[uuid.UUID, str]:
    fitting = {str(key): able for key, able in may.items()}
    found = allot([(str(key), minors[key]) for key in may], fitting, bidders, {str(key) for key in first})
    return {uuid.UUID(key): who for key, who in found.items()}


def _of(minors: Mapping[uuid.UUID, int], chosen: Mapping[uuid.UUID, str], agency: str) -> dict[uuid.UUID, int]:
    return {key: minors[key] for key, who in chosen.items() if who == agency}


def place_all(*, market: str, user: User, at: datetime) -> int:
    """Place what was given up in a market over all its agencies, as `lots_of` shows it; return how many. Each person is told before.

    What somebody else placed or held back meanwhile is left out, and notices come first as in `place_debts`. Forbidden without the right.
    """
    require(user, MAY_MANAGE)
    with unit():
        lots = _lots(lock_agencies(market), at)
        # All at once, so that two that place at the same time take the locks in one order.
        lock_plans([key for lot in lots if lot.agency for key in lot.debts])
        return _place(lots, str(user.pk), at)


def place_daily(*, zone: str, day: date, at: datetime) -> int:
    """Place what was given up in a time zone, in the markets that have it done each day (`agency.placing`); return how many.

    As `place_all`, but nothing that an operator took back from an agency, unless one let it go again, and with each agency no more in a day
    of its market than the setting allows, what was given up first: the rest waits for the next day. Notices go to all at once. Safe to
    repeat.
    """
    return sum(_place_in_zone(market, budget, zone, at) for market, budget in find_budgets(at).items())


def _place_in_zone(market: str, budget: Budget, zone: str, at: datetime) -> int:
    with unit():
        lots = [lot for lot in _lots(lock_agencies(market), at, zone=zone) if lot.agency and lot.debts]
        ready = {plan.pk for plan in ready_of(plans=lock_plans([key for lot in lots for key in lot.debts]), at=at)}
        left = left_of(budget, [lot.agency for lot in lots if lot.agency], at)
        cut = [
            replace(lot, debts=left[lot.agency.pk].cut({key: lot.debts[key] for key in sorted(ready & {*lot.debts})}))
            for lot in lots
            if lot.agency
        ]
        return _place(cut, "", at)


def _place(lots: Sequence[Lot], actor: str, at: datetime) -> int:
    return sum(
        place_with(agency=lot.agency, found=lot.debts, ruled=lot.ruled, actor=actor, at=at) for lot in lots if lot.agency and lot.debts
    )
