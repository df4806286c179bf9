"""Stop charging a plan while a payment is disputed at the bank or an operator looks into it, and resume it."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from core.clock import day_begins, local_date
from core.db import unit
from core.outbox import append
from payments.queries import is_disputed
from plans.events import PlanResumed, PlanStopped
from plans.models import Installment, Plan
from plans.queries import installments_of, lock_plan
from plans.services.creation import record_change, snapshot
from plans.states import InstallmentStatus, PlanStatus

RESUME_DAYS = 7
"""Days without a charge after a plan resumes, so that the consumer is told and reminded before the next charge."""


def stop_plan(*, plan_id: uuid.UUID, at: datetime) -> bool:
    """Stop charging a plan, future captures included, and publish it; charges under way are still settled.

    Returns False if the plan is already stopped, canceled or charged off.
    """
    with unit():
        plan = lock_plan(plan_id)
        if plan.stopped_at is not None or plan.status not in {PlanStatus.PENDING, PlanStatus.ACTIVE, PlanStatus.COMPLETED}:
            return False
        plan.stopped_at = at
        plan.save(update_fields=["stopped_at"])
        Installment.objects.filter(plan=plan, status__in=Installment.OPEN).update(next_attempt_at=None)
        append(PlanStopped(plan=plan.public_id, reference=plan.reference), at=at)
    return True


def resume_plan(*, plan_id: uuid.UUID, actor: str, at: datetime) -> bool:
    """Resume a stopped plan, and publish it. If the next payment would come within a week, all payments move later by the same days.

    The distances between payments do not change, so that missed payments are not all charged at once. Overdue installments stay overdue,
    without counting the days in between, and are charged after the week; those too small to be charged keep waiting. Returns False if the
    plan is not stopped, or has another dispute that is open, or lost and not waived.
    """
    with unit():
        plan = lock_plan(plan_id)
        if plan.stopped_at is None or is_disputed(plan.public_id):
            return False
        stopped_on, plan.stopped_at = local_date(plan.stopped_at, plan.time_zone), None
        plan.save(update_fields=["stopped_at"])
        rows = installments_of(plan)
        _pause_lateness(rows, (local_date(at, plan.time_zone) - stopped_on).days)
        first, before = local_date(at, plan.time_zone) + timedelta(days=RESUME_DAYS), snapshot(rows)
        _plan_anew(
            plan, [row for row in rows if row.status in Installment.OPEN and row.charge_id is None and row.carried_at is None], first
        )
        if (
            plan.repay_by is not None
            and (moved := max((row.due_date for row in rows if row.status in Installment.OPEN), default=first)) > plan.repay_by
        ):
            plan.repay_by = moved
            plan.save(update_fields=["repay_by"])
        if snapshot(rows) != before:
            record_change(plan=plan, kind="resumed", reference="", before=before, after=snapshot(rows), actor=actor, at=at)
        append(PlanResumed(plan=plan.public_id, reference=plan.reference, first_day=first.isoformat()), at=at)
    return True


def _pause_lateness(rows: Sequence[Installment], days: int) -> None:
    """Leave the days on which a plan was stopped out of the days past due of its late installments."""
    late = [row for row in rows if row.status == InstallmentStatus.OVERDUE]
    for row in late:
        row.paused_days += days
    Installment.objects.bulk_update(late, ["paused_days"])


def _plan_anew(plan: Plan, opened: Sequence[Installment], first: date) -> None:
    to_come = [row for row in opened if row.status != InstallmentStatus.OVERDUE]
    later = max(timedelta(0), first - min((row.due_date for row in to_come), default=first))
    for row in to_come:
        row.due_date += later
        row.attempts, row.last_failure = (0, "") if later else (row.attempts, row.last_failure)
        row.reminded_at = None if later else row.reminded_at
    for row in opened:
        row.next_attempt_at = None if plan.settling_until else day_begins(max(row.due_date, first), plan.time_zone)
    Installment.objects.bulk_update(opened, ["due_date", "attempts", "last_failure", "reminded_at", "next_attempt_at"])
