"""Debts placed over all agencies of a market at once: which agency gets which, and what that comes to."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import User
from collection.agencies import list_placed
from collection.agency_rules import Debt, Ruled, rule_on_debts
from collection.allotting import Bidder, allot
from collection.conduct import conduct_of, list_held
from collection.contacting import kept_with_us
from collection.held import why_held
from collection.models import Agency, Placement
from collection.queries import lock_agencies
from collection.services.agencies import MAY_MANAGE, choice_of, place_with
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


def _lots(agencies: Sequence[Agency], at: datetime) -> list[Lot]:
    held = list_held([one.pk for one in agencies])
    able = [one for one in agencies if one.stopped_at is None and one.pk not in held]
    conduct = conduct_of(able, at)
    takes = {one.public_id: dict(list_to_sell(choice_of(one, at))) for one in able}
    minors = {key: minor for found in takes.values() for key, minor in found.items()}
    plans = {plan.pk: plan for plan in _plans(minors)}
    gone = {*list_placed(list(minors)), *kept_with_us(list(minors)), *why_held(list(plans.values()), at)}
    before = _had(list(minors))
    bidders = [Bidder(one.public_id, one.rate_bps, conduct[one.pk].score) for one in able]
    may = {
        key: [one.key for one in bidders if one.weight and key in takes[one.key] and one.key not in before[key]]
        for key in minors
        if key not in gone
    }
    ruled = _ruled(plans, minors, may, before, bidders, at)
    chosen = _allot(minors, {key: one.able for key, one in ruled.items()}, bidders, {key for key, one in ruled.items() if one.kept})
    lots = [Lot(one, _of(minors, chosen, one.public_id), conduct[one.pk].score, ruled) for one in able]
    left = {key: minors[key] for key, one in ruled.items() if not one.able}
    return lots + ([Lot(None, left, ruled=ruled)] if left else [])


def _plans(keys: Mapping[uuid.UUID, int]) -> list[Plan]:
    return list(Plan.objects.filter(pk__in=keys).select_related("product").defer("agreement", "agreement_before"))


def _had(plan_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, list[str]]:
    """Return the agencies that had plans, by the plan, in the order in which they had them; one query."""
    found: dict[uuid.UUID, list[str]] = defaultdict(list)
    for one in Placement.objects.filter(plan__in=plan_ids).select_related("agency").order_by("id"):
        found[one.plan_id].append(one.agency.public_id)
    return found


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
        lots = [(lot.agency, lot) for lot in _lots(lock_agencies(market), at) if lot.agency and lot.debts]
        # All at once, so that two that place at the same time take the locks in one order.
        lock_plans([key for _agency, lot in lots for key in lot.debts])
        return sum(place_with(agency=agency, found=lot.debts, ruled=lot.ruled, actor=str(user.pk), at=at) for agency, lot in lots)
