"""Promises to pay what is late: made by people or operators, decided by the close of day."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db.models import F

from collection.errors import REFUSED_PROMISE
from collection.events import PromiseDecided, PromiseMade
from collection.models import Promise
from collection.promises import room_of
from collection.states import PromiseStatus
from core.clock import day_begins
from core.db import unit
from core.errors import Conflict, Invalid
from core.money import Money
from core.outbox import append
from core.sentences import Sentence
from plans import services as plans
from plans.models import Allocation, FeePayment, Plan
from plans.queries import installments_of, list_installments, lock_plan
from plans.standstill import in_respite


def promise_to_pay(*, plan_id: uuid.UUID, amount_minor: int, pay_on: date, actor: str, at: datetime) -> Promise:
    """Note a promise to pay some of what is late of a plan on a day; workers try nothing late of it again before the day after.

    Conflict where nothing can be promised now (`collection.promise_` and a key of `REFUSED_PROMISE`); Invalid for an amount or a day
    outside of what `room_of` tells.
    """
    with unit():
        plan = lock_plan(plan_id)
        room = room_of(plan, installments_of(plan), at)
        if room.refused:
            raise Conflict(REFUSED_PROMISE[room.refused], code=f"collection.promise_{room.refused}")
        if not 0 < amount_minor <= room.late_minor:
            late = Money(room.late_minor, plan.currency).text()
            raise Invalid(Sentence("Promise at most what is late: %(late)s.", late=late), code="collection.promise_amount")
        if not room.first <= pay_on <= room.last:
            raise Invalid("Choose one of the days that are offered.", code="collection.promise_day")
        made = Promise.objects.create(
            plan=plan, amount_minor=amount_minor, pay_on=pay_on, late_minor=room.late_minor, made_by=actor, made_at=at
        )
        plans.wait_for_promise(plan=plan, pay_on=pay_on, at=at)
        append(
            PromiseMade(
                plan=plan.public_id,
                reference=plan.reference,
                promise=made.public_id,
                amount_minor=amount_minor,
                currency=plan.currency,
                pay_on=pay_on.isoformat(),
                made_by=actor,
            ),
            at=at,
        )
    return made


def decide_promises(*, plan_ids: Sequence[uuid.UUID], day: date, at: datetime) -> int:
    """Decide the promises of locked plans as of a closed day; return how many were decided.

    One is kept as soon as its amount is paid, broken or kept in part at the close of its day, and falls away where nothing is late any
    more. It waits longer while a payment is on its way.
    """
    waiting = list(Promise.objects.filter(plan_id__in=plan_ids, status=PromiseStatus.WAITING).select_related("plan").order_by("plan_id"))
    members, paid = list_installments(one.plan_id for one in waiting), _paid(waiting)
    decided: list[uuid.UUID] = []
    # Nobody breaks a promise in a breathing space.
    still = in_respite({one.plan.consumer_id for one in waiting})
    for one in waiting:
        rows = members[one.plan_id]
        one.paid_minor = paid[one.plan_id]
        late = any(row.is_late(day + timedelta(days=1)) for row in rows)
        if one.paid_minor < one.amount_minor and (any(row.charge_id for row in rows) or (late and one.pay_on > day)):
            continue
        _decide(one, is_late=late and one.plan.consumer_id not in still)
        one.decided_at = at
        one.save(update_fields=["status", "paid_minor", "decided_at"])
        append(_decided(one, one.plan), at=at)
        decided.append(one.plan_id)
    plans.end_promises(plan_ids=decided, at=at)
    return len(decided)


def _paid(waiting: Sequence[Promise]) -> dict[uuid.UUID, int]:
    """Return what was paid of each promise's plan, by its key, since it was made, by the end of its day, fees included; two queries."""
    spans = {one.plan_id: (one.made_at, day_begins(one.pay_on + timedelta(days=1), one.plan.time_zone)) for one in waiting}
    whole = F("principal_minor") + F("interest_minor") - F("undone_principal_minor") - F("undone_interest_minor")
    parts = Allocation.objects.filter(installment__plan__in=list(spans)).values_list("installment__plan", "at", whole)
    fees = FeePayment.objects.filter(fee__installment__plan__in=list(spans))
    found = dict.fromkeys(spans, 0)
    for plan_id, at, minor in [*parts, *fees.values_list("fee__installment__plan", "at", F("amount_minor") - F("undone_minor"))]:
        made_at, until = spans[plan_id]
        found[plan_id] += minor if made_at <= at < until else 0
    return found


def _decide(promise: Promise, *, is_late: bool) -> None:
    if promise.paid_minor >= promise.amount_minor:
        promise.keep()
    elif not is_late:
        promise.fall_away()
    elif promise.paid_minor:
        promise.keep_partly()
    else:
        promise.break_it()


def _decided(promise: Promise, plan: Plan) -> PromiseDecided:
    return PromiseDecided(
        plan=plan.public_id,
        reference=plan.reference,
        promise=promise.public_id,
        amount_minor=promise.amount_minor,
        paid_minor=promise.paid_minor,
        currency=plan.currency,
        pay_on=promise.pay_on.isoformat(),
        outcome=promise.status,
    )
