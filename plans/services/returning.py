"""Payments that wait while goods are on their way back: the person says so; a refund, the shop, the person or time ends it."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from core.clock import local_date
from core.db import unit
from core.errors import Conflict, Invalid
from core.outbox import append
from core.sentences import Sentence
from payments.queries import smallest_charge
from plans.errors import REFUSED_RETURN
from plans.events import ReturnEnded, ReturnStarted
from plans.hardship import free_of
from plans.models import GoodsReturn, Installment, Plan
from plans.queries import by_date, installments_of, lock_plan, lock_plans
from plans.returns import ENDED, KIND, days_in, find_return, why_no_return
from plans.rules.hardship import paused
from plans.rules.returns import DENIED, KEPT, REFUND, TIME, dates_after, held_back, is_tracking
from plans.services.creation import snapshot
from plans.services.shifting import shift_payments

WORKER = "timer"


def send_back(*, plan_id: uuid.UUID, tracking: str = "", amount_minor: int | None = None, actor: str, at: datetime) -> GoodsReturn:
    """Let the payments of a plan wait, since its person has sent the goods back; once a plan. One that is being made now goes its way.

    They move as by a pause in hardship. With an amount only so much of the last payments waits, for goods of that price: a payment of which
    a part waits becomes two, unless it bears interest or one of them is too small to be charged; then it waits whole. Conflict where it
    cannot be said now (`plans.return_used`, `_closed`, `_under_way`); Invalid for a number or a price that is none (`tracking`, `amount`).
    """
    if tracking and not is_tracking(tracking):
        raise Invalid(
            "This is not the number of a parcel.", fields={"tracking": Sentence("up to 40 letters and digits, as on the receipt")}
        )
    with unit():
        plan = lock_plan(plan_id)
        rows, today = installments_of(plan), local_date(at, plan.time_zone)
        refused = why_no_return(plan, rows, find_return(plan_id), today)
        if refused:
            raise Conflict(REFUSED_RETURN[refused], code=f"plans.return_{refused}")
        if amount_minor is not None and not 0 < amount_minor <= sum(row.principal_minor for row in rows):
            raise Invalid("This is not its price.", fields={"amount": Sentence("more than nothing, and no more than was shipped")})
        before, days = snapshot(rows), days_in(plan.product.market_id, today)
        rows, waiting = (rows, free_of(rows)) if amount_minor is None else _hold(plan, rows, amount_minor)
        new = paused({row.number: row.due_date for row in waiting}, days, today)
        dates = {str(row.number): [row.due_date.isoformat(), new[row.number].isoformat()] for row in waiting}
        told = {"tracking": tracking, "amount_minor": amount_minor, "until": today + timedelta(days=days - 1), "dates": dates}
        made = GoodsReturn.objects.create(plan=plan, **told, at=at)
        shift_payments(plan=plan, rows=rows, new=new, kind=KIND, reference=made.public_id, actor=actor, at=at, before=before)
        append(ReturnStarted(plan=plan.public_id, reference=plan.reference, goods_return=made.public_id), at=at)
    return made


def _hold(plan: Plan, rows: list[Installment], amount_minor: int) -> tuple[list[Installment], list[Installment]]:
    """Split off what waits of a locked plan's payments; return all payments, and those that wait."""
    free = {row.number: row for row in by_date(free_of(rows))}
    held = held_back([(number, row.principal_minor - row.paid_principal_minor) for number, row in free.items()], amount_minor)
    found = [free[number] for number in held]
    if not found:
        # Only fees or interest are left, or what is left is being paid at this moment.
        raise Conflict(REFUSED_RETURN["closed"], code="plans.return_closed")
    last = found[-1]
    part = held[last.number]
    least = smallest_charge(plan.payment_method.gateway, plan.currency)
    if last.interest_minor or plan.terms.rate_bps or min(part, last.principal_minor - last.paid_principal_minor - part) < least:
        return rows, found
    last.principal_minor -= part
    last.save(update_fields=["principal_minor"])
    same = {"plan": plan, "part": last.part, "start_date": last.start_date, "due_date": last.due_date}
    number = max(row.number for row in rows) + 1
    new = Installment.objects.create(number=number, next_attempt_at=plan.first_attempt(last.due_date), principal_minor=part, **same)
    return [*rows, new], [*found[:-1], new]


def keep_goods(*, plan_id: uuid.UUID, actor: str, at: datetime) -> None:
    """End a return because the person keeps the goods. Conflict if none is under way (`plans.no_return`)."""
    with unit():
        _end(lock_plan(plan_id), _under_way(plan_id), KEPT, actor=actor, at=at)


def deny_return(*, plan_id: uuid.UUID, reason: str, actor: str, at: datetime) -> None:
    """End a return because the shop takes nothing back, for one of `GoodsReturn.DENIALS`.

    Conflict if none is under way (`plans.no_return`); Invalid without a reason (`reason`).
    """
    if reason not in dict(GoodsReturn.DENIALS):
        raise Invalid("Choose a reason.", fields={"reason": Sentence("choose one")})
    with unit():
        _end(lock_plan(plan_id), _under_way(plan_id), DENIED, denial=reason, actor=actor, at=at)


def end_by_refund(*, plan: Plan, actor: str, at: datetime) -> None:
    """End the return of a locked plan, if one is under way, because its shop has refunded something; what is left to pay goes on."""
    with unit():
        made = find_return(plan.pk)
        if made is not None and made.ended_at is None:
            _end(plan, made, REFUND, actor=actor, at=at)


def end_returns(*, plan_ids: Sequence[uuid.UUID], day: date, at: datetime) -> int:
    """End the returns of plans whose last day was by a closed day; return how many. A step of the close of day, safe to repeat."""
    with unit():
        plans = {plan.pk: plan for plan in lock_plans(plan_ids)}
        over = list(GoodsReturn.objects.filter(plan__in=plans, ended_at=None, until__lte=day).order_by("plan"))
        for made in over:
            _end(plans[made.plan_id], made, TIME, actor=WORKER, at=at)
    return len(over)


def _under_way(plan_id: uuid.UUID) -> GoodsReturn:
    """Return the return of a locked plan that has not ended."""
    made = find_return(plan_id)
    if made is None or made.ended_at is not None:
        raise Conflict("No return of this purchase is under way.", code="plans.no_return")
    return made


def _end(plan: Plan, made: GoodsReturn, by: str, *, denial: str = "", actor: str, at: datetime) -> None:
    """End a return; payments that got another date meanwhile, or are being made, keep it."""
    made.ended_at, made.ended_by, made.denial = at, by, denial
    made.save(update_fields=["ended_at", "ended_by", "denial"])
    rows, today = installments_of(plan), local_date(at, plan.time_zone)
    moved = {int(number): (date.fromisoformat(was), date.fromisoformat(now)) for number, (was, now) in made.dates.items()}
    waiting = {row.number: moved[row.number] for row in free_of(rows) if moved.get(row.number, (None, None))[1] == row.due_date}
    new = {} if by == TIME else dates_after(waiting, local_date(made.at, plan.time_zone), today)
    shift_payments(plan=plan, rows=rows, new=new, kind=ENDED[by], reference=made.public_id, actor=actor, at=at)
    append(ReturnEnded(plan=plan.public_id, reference=plan.reference, goods_return=made.public_id), at=at)
