"""A plan ends when nothing of it is open any more."""

from collections.abc import Iterable
from datetime import datetime

from core.outbox import append
from plans.events import PlanCompleted
from plans.models import Installment, Plan
from plans.states import PLAN_OWED


def complete_if_paid(*, plan: Plan, rows: Iterable[Installment], at: datetime, by: str = "payment") -> None:
    """Complete a locked plan of whose installments none is open, and publish it; `by` is as in `PlanCompleted`."""
    if plan.status in PLAN_OWED and not any(row.status in Installment.OPEN for row in rows):
        plan.complete()
        plan.save(update_fields=["status"])
        append(PlanCompleted(plan=plan.public_id, reference=plan.reference, by=by), at=at)
