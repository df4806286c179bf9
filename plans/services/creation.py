"""Create plans and start their parts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts.models import Consumer
from accounts.queries import home_state
from core.clock import local_date
from core.db import unit
from core.errors import Conflict, NotFound
from core.writes import insert
from payments.models import MethodKind, PaymentMethod
from payments.queries import is_removed
from plans.fees import fee_caps
from plans.models import Installment, Plan, PlanChange
from plans.queries import Quote, installments_of, lock_plan
from plans.rules.schedule import ScheduledInstallment, build_schedule
from plans.services.deposits import use_deposit
from plans.services.waiting import collect_afresh
from plans.states import PLAN_OPEN, PlanStatus


def create_plan(
    *, consumer: Consumer, method: PaymentMethod, reference: str, quote: Quote, agreement: dict[str, Any], at: datetime
) -> Plan:
    """Create a pending plan from the quote that the consumer accepted; nothing is owed until the first capture.

    The caps on fees that the documents named are kept with it.
    """
    agreed = quote.as_json()
    if quote.fees.any:
        agreed["fee_caps"] = dict(fee_caps(quote.product.market_id, home_state(consumer), quote.start))
    plan = Plan(
        consumer=consumer,  # the agreement is encrypted with this consumer's key
        product=quote.product,
        payment_method_id=method.id,
        reference=reference,
        currency=quote.currency,
        principal_minor=quote.principal_minor,
        deposit_minor=quote.deposit_minor,
        apr_bps=quote.apr_bps,
        time_zone=consumer.time_zone,
        agreed=agreed,
        agreement=agreement,
        created_at=at,
    )
    insert(plan)
    return plan


def snapshot(rows: Sequence[Installment]) -> list[dict[str, Any]]:
    """Return installments in the form stored in a version of the schedule; amounts in minor units."""
    return [
        {
            "number": row.number,
            "due_date": row.due_date.isoformat(),
            "amount_minor": row.amount_minor,
            "interest_minor": row.interest_minor,
            "paid_minor": row.paid_minor,
            "status": row.status,
        }
        for row in rows
    ]


def start_part(
    *, plan: Plan, reference: str, part: int, principal_minor: int, deposit_minor: int = 0, actor: str, at: datetime
) -> list[Installment]:
    """Start the part of a locked plan that a capture makes due, from the capture's day; return its installments.

    `deposit_minor` of the principal is due at once, and paid by the plan's deposit, which was charged before.

    Each capture has the product's own dates, counted from its day in the consumer's zone; numbers continue those of earlier parts. If the
    consumer has withdrawn from the agreement, the part is one payment on the repayment day.
    """
    with unit():
        before = installments_of(plan) if part > 1 else []
        start = local_date(at, plan.time_zone)
        schedule = build_schedule(plan.terms, principal_minor, start, deposit_minor=deposit_minor)
        if plan.repay_by is not None:
            schedule = (ScheduledInstallment(1, max(plan.repay_by, start), principal_minor, 0),)
        rows = [
            Installment(
                plan=plan,
                number=len(before) + row.number,
                part=part,
                start_date=start,
                due_date=row.due_date,
                next_attempt_at=plan.first_attempt(row.due_date),
                principal_minor=row.principal_minor,
                interest_minor=row.interest_minor,
            )
            for row in schedule
        ]
        Installment.objects.bulk_create(rows)
        plan.activate()
        plan.captured_minor += principal_minor
        plan.save(update_fields=["status", "captured_minor"])
        record_change(
            plan=plan, kind="capture", reference=reference, before=snapshot(before), after=snapshot([*before, *rows]), actor=actor, at=at
        )
        if deposit_minor:
            use_deposit(plan=plan, rows=rows, amount_minor=deposit_minor, source=reference, at=at)
    return rows


def change_of(
    *,
    plan: Plan,
    kind: str,
    reference: str,
    before: list[dict[str, Any]],
    after: list[dict[str, Any]],
    actor: str,
    at: datetime,
    reason: str = "",
    agreement: str = "",
) -> PlanChange:
    """Return a version of a plan's schedule, not saved: installments before and after, the cause, an operator's reason, what was agreed."""
    told = {"reference": reference, "reason": reason, "agreement": agreement, "before": before, "after": after}
    return PlanChange(plan=plan, kind=kind, actor=actor, at=at, **told)


def record_change(**told: Any) -> None:
    """Store a version of a plan's schedule, told as to `change_of`."""
    change_of(**told).save(force_insert=True)


def end_captures(*, plan: Plan, reference: str, actor: str, at: datetime) -> None:
    """Record in a locked plan that nothing more of its order will be captured; its payments do not change."""
    with unit():
        now = snapshot(installments_of(plan))
        record_change(plan=plan, kind="release", reference=reference, before=now, after=now, actor=actor, at=at)


def cancel_plan(*, plan: Plan) -> None:
    """Cancel a locked plan of which nothing was captured."""
    with unit():
        plan.cancel()
        plan.save(update_fields=["status"])


def change_method(*, plan: Plan, method: PaymentMethod, at: datetime) -> None:
    """Charge a plan to another of the consumer's payment methods from now on; the count of retries starts again.

    NotFound for a method of another consumer. Conflict for a removed method, for an ended plan, and for a bank account before the first
    capture: the first payment may be due at the capture, and a bank account cannot hold money for it.
    """
    if method.consumer_id != plan.consumer_id:
        raise NotFound("There is no such payment method.")
    with unit():
        locked = lock_plan(plan.id)
        too_early = locked.status == PlanStatus.PENDING and method.kind != MethodKind.CARD
        if is_removed(method.id) or locked.status not in PLAN_OPEN or too_early:
            raise Conflict("This payment method cannot be used for this plan.", code="plans.method_not_usable")
        Plan.objects.filter(id=plan.id).update(payment_method=method)
        collect_afresh(plan=locked, at=at)
