"""Settlements for less: what may be agreed on, by whom, and what is paid of it."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Sum

from collection.closing import find_by
from collection.models import Settlement
from collection.settling_guards import LONG
from collection.states import SETTLEMENT_LIVE, SettlementStatus
from core.clock import local_date
from core.errors import Conflict, Invalid
from core.sentences import Sentence, marked
from core.states import words as state_words
from markets.queries import find_settlement
from payments.queries import is_being_disputed
from plans.models import Allocation, FeePayment, Installment, Plan, Standstill
from plans.standstill import find_standstill, list_respites
from plans.states import PLAN_OWED

LONGEST = 366
"""Days within which the last part is paid."""
REFUSED = {
    "not_late": marked("Nothing of this purchase is late, so there is nothing to settle."),
    "sold": marked("This debt was sold. Its new owner decides about it."),
    "stopped": marked("The payments of this purchase are stopped. Nothing has to be paid now."),
    "under_way": marked("A payment is on its way. Try again in a few minutes."),
    "disputed": marked("A payment of this plan is disputed. Wait until the bank has decided."),
    "standstill": marked("Collecting stands still for the person. Nothing can be settled."),
    "accepted": marked("The person accepted a settlement already."),
    "to_ship": marked("The shop may still ship some of this order. Wait until it did, or until that ends."),
}
"""Why nothing can be settled for less now."""
_LIVE = f"""
    SELECT s.plan_id FROM collection_settlement s JOIN plans_plan p ON p.id = s.plan_id
    WHERE s.status IN ({state_words(SETTLEMENT_LIVE)}) AND s.joint_id IS NULL AND p.time_zone = %s AND s.plan_id > %s::uuid
    ORDER BY s.plan_id LIMIT %s"""  # noqa: S608  (words of our own)


@dataclass(frozen=True, slots=True)
class Terms:
    """What is paid instead of all that is open: parts by their days, in minor units."""

    parts: tuple[tuple[date, int], ...]

    @property
    def amount_minor(self) -> int:
        """All of it."""
        return sum(minor for _day, minor in self.parts)

    @classmethod
    def even(cls, amount_minor: int, count: int, first: date, every: int) -> "Terms":
        """Split an amount into so many parts, from a day on every so many days; the first ones are larger by a minor unit at most."""
        share, more = divmod(amount_minor, count)
        return cls(tuple((first + timedelta(days=every * place), share + (place < more)) for place in range(count)))

    @classmethod
    def read(cls, kept: Sequence[Sequence[Any]]) -> "Terms":
        """Return terms from their stored form."""
        return cls(tuple((date.fromisoformat(day), int(minor)) for day, minor in kept))

    def written(self) -> list[list[Any]]:
        """Return them in their stored form."""
        return [[day.isoformat(), minor] for day, minor in self.parts]

    def due_minor(self, day: date) -> int:
        """Return what is paid by the end of a day."""
        return sum(minor for on, minor in self.parts if on <= day)


def open_minor_of(rows: Sequence[Installment]) -> int:
    """Return what is open of a plan, with fees."""
    return sum(row.open_minor for row in rows if row.status in Installment.OPEN)


def left_of_accepted(plan: Plan) -> int | None:
    """Return what is left to pay of a plan's accepted settlement, of all its parts, in minor units; None without one (then no query)."""
    live = find_live(plan.pk) if plan.settling_until is not None else None
    if live is None:
        return None
    parts = list(live.joint.members.filter(status__in=SETTLEMENT_LIVE)) if live.joint else [live]
    paid = paid_of(parts)
    return sum(max(0, one.amount_minor - paid[one.plan_id][0]) for one in parts)


def is_settling_jointly(plan: Plan) -> bool:
    """Return whether a plan's accepted settlement is a part of an offer over several plans; without a settlement, no query."""
    live = find_live(plan.pk) if plan.settling_until is not None else None
    return live is not None and live.joint_id is not None


def owed_minor_of(rows: Sequence[Installment]) -> int:
    """Return what is open of a plan, without fees."""
    return sum(row.open_minor - row.open_fees_minor for row in rows if row.status in Installment.OPEN)


def stage_of(plan: Plan, rows: Sequence[Installment], today: date) -> str:
    """Return how late a plan is, as the key of its market's setting."""
    if plan.is_charged_off:
        return "charged_off"
    opened = [row for row in rows if row.status in Installment.OPEN and row.due_date < today]
    return "long_late" if max(((today - row.due_date).days - row.paused_days for row in opened), default=0) >= LONG else "late"


def may_alone(plan: Plan, rows: Sequence[Installment], terms: Terms, today: date) -> bool:
    """Return whether one operator may agree on terms for a plan, by its market's setting."""
    allowed = find_settlement(plan.product.market_id, stage_of(plan, rows, today), today)
    if not allowed or len(terms.parts) > allowed["most_parts"]:
        return False
    return terms.amount_minor * 10_000 >= allowed["least_bps"] * open_minor_of(rows)


@dataclass(frozen=True, slots=True)
class Known:
    """What else than a plan and its installments says whether it can be settled now."""

    stands: bool
    disputed: bool
    accepted: bool

    @classmethod
    def of(cls, plan: Plan) -> "Known":
        """Read it for one plan: three queries."""
        return cls(
            stands=find_standstill(plan.consumer_id) is not None,
            disputed=is_being_disputed(plan.public_id),
            accepted=Settlement.objects.filter(plan=plan, status=SettlementStatus.ACCEPTED).exists(),
        )


def why_closed(plan: Plan, rows: Sequence[Installment], at: datetime, known: Known | None = None) -> str:
    """Return why nothing can be settled of a plan now (a key of `REFUSED`); empty if it can."""
    known = known or Known.of(plan)
    today = local_date(at, plan.time_zone)
    late = plan.status in PLAN_OWED and (plan.is_charged_off or any(row.is_late(today) for row in rows))
    reasons = {
        "sold": plan.sold_at is not None,
        "stopped": plan.stopped_at is not None,
        "under_way": any(row.charge_id for row in rows),
        "not_late": not late,
        "standstill": known.stands,
        "disputed": known.disputed,
        "accepted": known.accepted,
    }
    return next((why for why, holds in reasons.items() if holds), "")


def check_terms(plan: Plan, rows: Sequence[Installment], terms: Terms, at: datetime) -> None:
    """Refuse terms that are none for a plan: Conflict (`collection.settlement_` and a key of `REFUSED`), Invalid names the field."""
    if why := why_closed(plan, rows, at):
        raise Conflict(REFUSED[why], code=f"collection.settlement_{why}")
    today, days = local_date(at, plan.time_zone), [day for day, _minor in terms.parts]
    if not 0 < terms.amount_minor < open_minor_of(rows):
        raise Invalid("Settle for less than what is open.", fields={"amount": Sentence("more than nothing, and less than what is open")})
    if any(minor <= 0 for _day, minor in terms.parts):
        raise Invalid("Settle for less than what is open.", fields={"parts": Sentence("each of them needs an amount")})
    if days != sorted(set(days)) or days[0] < today or days[-1] > today + timedelta(days=LONGEST):
        raise Invalid("Choose a day.", fields={"first": Sentence("from today on, and all within a year")})


def respites_of(settlement: Settlement) -> list[Standstill]:
    """Return the breathing spaces of a settlement's person since it was accepted; one query, none before."""
    return list_respites(settlement.consumer_id, since=settlement.accepted_at) if settlement.accepted_at else []


def terms_now(settlement: Settlement, respites: Sequence[Standstill] | None = None) -> Terms:
    """Return the parts of a settlement as they stand: what was to come when a breathing space began comes later by its days; one query.

    None if its `respites` (`respites_of`) are given.
    """
    still = respites_of(settlement) if respites is None else respites
    return moved(Terms.read(settlement.parts), still, settlement.plan.time_zone)


def moved(terms: Terms, respites: Iterable[Standstill], zone: str) -> Terms:
    """Return terms of which what was to come when a breathing space began comes later by its days, by the clock of a zone."""
    over = date.min
    for one in respites:
        begun = local_date(one.noted_at, zone)
        if one.until is None:
            continue
        held = max(timedelta(0), one.until - max(begun - timedelta(days=1), over))
        terms = Terms(tuple((day + held if day >= begun else day, minor) for day, minor in terms.parts))
        over = max(over, one.until)
    return terms


def paid_since(settlement: Settlement) -> tuple[int, int]:
    """Return what was paid of a settlement's plan since it was offered, less what was taken back, and that without fees; two queries."""
    return paid_of([settlement])[settlement.plan_id]


def paid_of(parts: Sequence[Settlement]) -> dict[uuid.UUID, tuple[int, int]]:
    """Return for each of some parts of one offer, by plan, what `paid_since` does; two queries."""
    keys, since = [one.plan_id for one in parts], min(one.made_at for one in parts)
    whole = F("principal_minor") + F("interest_minor") - F("undone_principal_minor") - F("undone_interest_minor")
    standing = F("amount_minor") - F("undone_minor") - F("returned_minor")
    found = Allocation.objects.filter(installment__plan__in=keys, at__gte=since)
    paid = dict(found.values_list("installment__plan").annotate(n=Sum(whole)))
    fees = FeePayment.objects.filter(fee__installment__plan__in=keys, at__gte=since)
    of_fees = dict(fees.values_list("fee__installment__plan").annotate(n=Sum(standing)))
    return {key: (int(paid.get(key) or 0) + int(of_fees.get(key) or 0), int(paid.get(key) or 0)) for key in keys}


def find_live(plan_id: uuid.UUID) -> Settlement | None:
    """Return the settlement of a plan that is offered or accepted, or None."""
    return Settlement.objects.filter(plan=plan_id, status__in=SETTLEMENT_LIVE).select_related("plan", "joint").first()


def left_of_agreed(plan_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return what is left to pay of settlements that people accepted, by plan, in minor units; one query, and two more for each."""
    found = Settlement.objects.filter(plan__in=plan_ids, status=SettlementStatus.ACCEPTED)
    return {one.plan_id: max(0, one.amount_minor - paid_since(one)[0]) for one in found}


def find_settled(plan_id: uuid.UUID) -> Settlement | None:
    """Return the settlement by which a plan ended, or None."""
    return Settlement.objects.filter(plan=plan_id, status=SettlementStatus.SETTLED).order_by("-id").first()


def list_settlements(plan_id: uuid.UUID, *, limit: int = 20) -> list[Settlement]:
    """Return the settlements of a plan, the newest first."""
    return list(Settlement.objects.filter(plan=plan_id).select_related("plan", "joint").order_by("-id")[:limit])


def find_plans_settling(*, zone: str, day: date, after: uuid.UUID | None, limit: int) -> Sequence[uuid.UUID]:
    """Return a zone's plans with a settlement of their own that is offered or accepted, past a key, in order."""
    return find_by(_LIVE, zone=zone, after=after, limit=limit)
