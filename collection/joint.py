"""Settlements over several plans: which plans, how the amount is divided by what is open, who may agree on it, and what is next to pay."""

import hashlib
import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.models import Consumer
from checkout.queries import list_plans_to_ship
from collection.models import JointSettlement, Settlement
from collection.settling import LONGEST, REFUSED, Known, Terms, open_minor_of, paid_of, respites_of, stage_of, terms_now, why_closed
from collection.states import SETTLEMENT_LIVE, SettlementStatus
from core.clock import local_date
from core.errors import Conflict, Invalid
from core.ids import parse_id
from core.sentences import Sentence
from markets.queries import find_settlement
from payments.queries import list_being_disputed, smallest_charge
from plans.freely import can_take
from plans.models import Installment, Plan
from plans.queries import list_installments
from plans.standstill import find_standstill
from plans.states import PLAN_OWED

FEWEST = 2
JOINT_DUE = "EXISTS (SELECT 1 FROM collection_jointsettlement WHERE due_at <= %(at)s)"
"""SQL: whether a day of an offer over several plans is over."""


@dataclass(frozen=True, slots=True)
class Member:
    """A plan that may be settled with others, with its installments."""

    plan: Plan
    rows: list[Installment]

    @property
    def open_minor(self) -> int:
        """What is open of it, with fees."""
        return open_minor_of(self.rows)


def divide(minor: int, weights: Sequence[int]) -> list[int]:
    """Divide minor units in proportion to weights by the largest remainder; equal remainders go to the first ones. Sums to `minor`."""
    whole = sum(weights)
    shares = [minor * weight // whole for weight in weights]
    first = sorted(range(len(weights)), key=lambda place: -(minor * weights[place] % whole))
    for place in first[: minor - sum(shares)]:
        shares[place] += 1
    return shares


def parts_of(terms: Terms, opened: Sequence[int]) -> list[Terms]:
    """Divide terms by what is open of each plan: the amount by the largest remainder, and so that each day's parts sum to that day's."""
    totals, before, paid = divide(terms.amount_minor, opened), [0] * len(opened), 0
    found: list[list[tuple[date, int]]] = [[] for _one in opened]
    for day, minor in terms.parts:
        paid += minor
        now = divide(paid, totals)
        for place, mine in enumerate(found):
            mine.append((day, now[place] - before[place]))
        before = now
    return [Terms(tuple(mine)) for mine in found]


def may_together(members: Sequence[Member], terms: Terms, today: date) -> bool:
    """Return whether one operator may agree on terms for plans, by the sum of what their markets' settings ask of each."""
    least = 0
    for one in members:
        allowed = find_settlement(one.plan.product.market_id, stage_of(one.plan, one.rows, today), today)
        if not allowed or len(terms.parts) > allowed["most_parts"]:
            return False
        least += allowed["least_bps"] * one.open_minor
    return terms.amount_minor * 10_000 >= least


def check_joint(members: Sequence[Member], terms: Terms, at: datetime) -> list[Terms]:
    """Return each plan's part of terms; errors as `collection.settling.check_terms`, and Invalid where a part is too small."""
    for one in members:
        if why := why_closed(one.plan, one.rows, at):
            raise Conflict(REFUSED[why], code=f"collection.settlement_{why}")
    today, days = local_date(at, members[0].plan.time_zone), [day for day, _minor in terms.parts]
    opened = [one.open_minor for one in members]
    if not 0 < terms.amount_minor < sum(opened):
        raise Invalid("Settle for less than what is open.", fields={"amount": Sentence("more than nothing, and less than what is open")})
    if days != sorted(set(days)) or days[0] < today or days[-1] > today + timedelta(days=LONGEST):
        raise Invalid("Choose a day.", fields={"first": Sentence("from today on, and all within a year")})
    found = parts_of(terms, opened)
    for one, mine in zip(members, found, strict=True):
        least = smallest_charge(one.plan.payment_method.gateway, one.plan.currency)
        if mine.amount_minor >= one.open_minor or any(minor < least for _day, minor in mine.parts):
            wrong = Sentence("a purchase's part of it is too small to be charged, or all that is open of it")
            raise Invalid("Settle for less than what is open.", fields={"amount": wrong})
    return found


def list_late_together(consumer: Consumer, currency: str, at: datetime) -> tuple[list[Member], dict[uuid.UUID, str]]:
    """Return a person's late plans in a currency that one offer can settle, in the order of their keys; a fixed number of queries.

    Also returns why others that are late cannot be in it: by plan, a key of `REFUSED`, or `to_ship` while the shop may still ship.
    """
    found = Plan.objects.filter(consumer=consumer, currency=currency, status__in=PLAN_OWED).order_by("id")
    plans = list(found.select_related("product__market", "consumer").defer("agreement", "agreement_before"))
    keys = [plan.pk for plan in plans]
    rows, shipping = list_installments(keys), list_plans_to_ship(keys)
    disputed = list_being_disputed([plan.public_id for plan in plans])
    taken = set(Settlement.objects.filter(plan__in=keys, status=SettlementStatus.ACCEPTED).values_list("plan", flat=True))
    stands, members, left_out = find_standstill(consumer.pk) is not None, [], {}
    for plan in plans:
        told = Known(stands=stands, disputed=plan.public_id in disputed, accepted=plan.pk in taken)
        why = why_closed(plan, rows[plan.pk], at, told) or ("to_ship" if plan.pk in shipping else "")
        if why and why != "not_late":
            left_out[plan.pk] = why
        elif not why:
            members.append(Member(plan, rows[plan.pk]))
    return members, left_out


def plans_with(plan_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return plans, and those that are in one live offer with any of them; one query."""
    joined = Settlement.objects.filter(joint__members__plan__in=plan_ids, joint__members__status__in=SETTLEMENT_LIVE)
    return {*plan_ids, *joined.values_list("plan", flat=True)}


def live_of(joint: JointSettlement) -> list[Settlement]:
    """Return the parts of an offer that are offered or accepted, with their plans, in the order of the plans' keys."""
    return list(joint.members.filter(status__in=SETTLEMENT_LIVE).select_related("plan__payment_method").order_by("plan_id"))


def list_joint(consumer_id: uuid.UUID, currency: str, *, limit: int = 20) -> list[JointSettlement]:
    """Return a person's offers over several plans in a currency with their parts, the newest first; two queries."""
    found = JointSettlement.objects.filter(consumer=consumer_id, currency=currency)
    return list(found.prefetch_related("members").order_by("-id")[:limit])


def plans_of_offer(public_id: str) -> list[uuid.UUID]:
    """Return the plans of one plan's settlement, or of an offer over several, by its public id."""
    joint = public_id.startswith(f"{JointSettlement.PREFIX}_")
    key = parse_id(JointSettlement.PREFIX if joint else Settlement.PREFIX, public_id)
    found = Settlement.objects.filter(joint=key) if joint else Settlement.objects.filter(pk=key)
    return list(found.values_list("plan", flat=True))


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the live parts of an offer are paid: `terms` as they stand, what was paid, and what is `next` to pay, by plan.

    Next is what is missing until the first day by which anything is missing, of the plans that take a payment now.
    """

    terms: Mapping[uuid.UUID, Terms]
    paid: Mapping[uuid.UUID, int]
    next: Mapping[uuid.UUID, int]

    @property
    def seal(self) -> str:
        """A text that is equal for equal payments: a page sends it back, so that no more is paid than it showed."""
        told = json.dumps(sorted((str(key), minor) for key, minor in self.next.items()))
        return hashlib.sha256(told.encode()).hexdigest()[:32]


def standing_of(live: Sequence[Settlement]) -> Standing:
    """Return how far the live parts of an offer are paid; four queries, none without a part."""
    if not live:
        return Standing({}, {}, {})
    still = respites_of(live[0])
    paid = {key: whole for key, (whole, _of_price) in paid_of(live).items()}
    terms, rows = {one.plan_id: terms_now(one, still) for one in live}, list_installments(list(paid))
    taking = {one.plan_id for one in live if can_take(one.plan, rows[one.plan_id])}
    for day in sorted({day for mine in terms.values() for day, _minor in mine.parts}):
        missing = {key: mine.due_minor(day) - paid[key] for key, mine in terms.items()}
        if any(minor > 0 for minor in missing.values()):
            return Standing(terms, paid, {key: minor for key, minor in missing.items() if minor > 0 and key in taking})
    return Standing(terms, paid, {})
