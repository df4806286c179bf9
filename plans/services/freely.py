"""Free payments: a person chooses an amount, and it is claimed from their plans, one charge a plan."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import Consumer
from core.clock import local_date
from core.db import unit
from core.ids import uuid7
from core.money import Money
from core.sentences import Sentence
from markets.models import MarketSetting
from markets.queries import find_order
from plans.errors import AmountTooSmall, LeavesTooLittle, NothingToPay, SomethingElse
from plans.freely import FreePart, buckets_of, can_take, quote_freely
from plans.models import FreePayment, Installment, Plan
from plans.queries import list_installments, lock_plans
from plans.services.charges import claim
from plans.states import PLAN_OWED


@dataclass(frozen=True, slots=True)
class FreeClaim:
    """A charge to make for a free payment: its key, and what it pays of one plan."""

    charge_id: uuid.UUID
    part: FreePart


def claim_freely(
    *,
    consumer: Consumer,
    amount: Money,
    at: datetime,
    plan_id: uuid.UUID | None = None,
    smallest: int = 1,
    seen: str | None = None,
    exact: bool = False,
) -> list[FreeClaim]:
    """Claim what an amount pays of a consumer's plan, or of all their plans in its currency, and return the charges to make.

    Plans that are stopped, and those with a charge under way, are left out. NothingToPay if nothing can be paid; AmountTooSmall below the
    `smallest` charge, in minor units; SomethingElse if the amount would pay something else than what was `seen` (`FreeQuote.seal`). With
    `exact`, no more is charged than is owed, and LeavesTooLittle is raised if less than the smallest charge would be left of a plan.
    """
    with unit():
        owed = Plan.objects.filter(consumer=consumer, currency=amount.currency, status__in=PLAN_OWED)
        owed = owed.filter(id=plan_id) if plan_id else owed
        locked = lock_plans(list(owed.values_list("id", flat=True)))
        rows = list_installments([plan.id for plan in locked])
        members = [(plan, rows[plan.id]) for plan in locked if can_take(plan, rows[plan.id])]
        if len(locked) == 1 and not members:
            _refuse(locked[0], rows[locked[0].id])
        day = local_date(at, consumer.time_zone)
        setting = find_order(consumer.market_id, day)
        quote = quote_freely(members, amount_minor=amount.minor, day=day, buckets=buckets_of(setting), smallest=smallest, exact=exact)
        if not quote.parts:
            if amount.minor < smallest and any(row.open_minor for _, mine in members for row in mine if row.status in Installment.OPEN):
                raise AmountTooSmall(
                    Sentence("A card cannot be charged less than %(least)s.", least=Money(smallest, amount.currency).text())
                )
            raise NothingToPay("Nothing is open that could be paid now.")
        if exact and (small := quote.leaves(smallest)):
            left = Money(small.left_minor, amount.currency).text()
            raise LeavesTooLittle(
                Sentence("%(left)s would be left, which is too little to charge a card. Pay less, or everything.", left=left)
            )
        if seen is not None and seen != quote.seal:
            raise SomethingElse("What is to be paid changed since you looked. Please look at it again. Nothing was charged.")
        return _claim(quote.parts, members, setting, day, at)


def claim_shares(*, consumer: Consumer, shares: Mapping[uuid.UUID, int], at: datetime, smallest: int = 1) -> list[FreeClaim]:
    """Claim an amount of each of some plans of a consumer (minor units, by plan), and return the charges to make: one a plan.

    No more is charged of a plan than is owed of it. NothingToPay without a plan, and if one takes nothing now; AmountTooSmall where a share
    is below the `smallest` charge.
    """
    with unit():
        locked = lock_plans(list(Plan.objects.filter(consumer=consumer, id__in=shares).values_list("id", flat=True)))
        rows = list_installments([plan.id for plan in locked])
        day = local_date(at, consumer.time_zone)
        setting = find_order(consumer.market_id, day)
        parts: list[FreePart] = []
        for plan in locked:
            if not can_take(plan, rows[plan.id]):
                _refuse(plan, rows[plan.id])
            mine, wanted = [(plan, rows[plan.id])], shares[plan.id]
            quote = quote_freely(mine, amount_minor=wanted, day=day, buckets=buckets_of(setting), smallest=smallest, exact=True)
            if not quote.parts:
                least = Money(smallest, plan.currency).text()
                raise AmountTooSmall(Sentence("A card cannot be charged less than %(least)s.", least=least))
            parts.extend(quote.parts)
        if not parts:
            raise NothingToPay("Nothing is open that could be paid now.")
        return _claim(parts, [(plan, rows[plan.id]) for plan in locked], setting, day, at)


def _claim(
    parts: Sequence[FreePart],
    members: Sequence[tuple[Plan, list[Installment]]],
    setting: MarketSetting | None,
    day: date,
    at: datetime,
) -> list[FreeClaim]:
    """Record what pays locked plans together, and claim their installments for its charges."""
    together = uuid7()
    claims = [FreeClaim(uuid7(), part) for part in parts]
    FreePayment.objects.bulk_create(
        FreePayment(together=together, plan=one.part.plan, charge_id=one.charge_id, order=setting, value_on=day, at=at) for one in claims
    )
    keys = {(row.plan_id, row.number): str(row.id) for _, mine in members for row in mine}
    claim(charges=[(keys[one.part.plan.id, line.number], one.charge_id) for one in claims for line in one.part.lines])
    return claims


def _refuse(plan: Plan, rows: list[Installment]) -> None:
    """Say why a plan takes nothing now."""
    plan.refuse_sold()
    if plan.stopped_at is not None:
        raise NothingToPay("Nothing is taken for this purchase while your bank looks into a payment.", code="plans.stopped")
    if any(row.charge_id for row in rows):
        raise NothingToPay("A payment for this plan is already under way.", code="plans.payment_under_way")
    if plan.status not in PLAN_OWED:
        raise NothingToPay("Nothing is open that could be paid now.")
