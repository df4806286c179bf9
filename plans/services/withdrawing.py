"""Plans whose consumer withdrew from the agreement: everything owed is repaid on one day."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from core.clock import local_date
from core.db import unit
from ledger import postings
from plans.models import Installment, Plan
from plans.queries import installments_of, lock_plan, parts_of, state_of
from plans.rules.interest import early_quote
from plans.services.creation import record_change, snapshot
from plans.services.serving import end_service
from plans.states import InstallmentStatus


def withdraw_plan(*, plan_id: uuid.UUID, repay_by: date, actor: str, at: datetime) -> bool:
    """Merge everything owed on a plan into one payment for each shipment, due on `repay_by`; False if it did so before or is given up.

    Interest ends on the day of the withdrawal: interest accrued until then is due with the principal, and later interest is dropped
    (Directive (EU) 2023/2225, art. 26, would allow interest until repayment). Overdue installments move too; a payment under way does not.
    Service fees are taken back, and what was paid of them goes back. A later shipment is due on `repay_by`, or on the day of its capture if
    that is later, without interest.
    """
    with unit():
        plan = lock_plan(plan_id)
        if plan.repay_by is not None or plan.is_charged_off:
            return False
        plan.repay_by = repay_by
        plan.save(update_fields=["repay_by"])
        end_service(plan=plan, reason="The agreement was withdrawn from.", actor=actor, at=at)
        rows = installments_of(plan)
        before = snapshot(rows)
        dropped = sum(_gather(plan, members, at) for members in parts_of(rows).values())
        _save(rows)
        record_change(plan=plan, kind="withdrawal", reference="", before=before, after=snapshot(rows), actor=actor, at=at)
        if dropped:
            postings.rebates([postings.RebatePosting(f"{plan.public_id}:withdrawal", plan.public_id, plan.currency, dropped, at)])
    return True


def _gather(plan: Plan, members: Sequence[Installment], at: datetime) -> int:
    """Merge a part's open amounts into one of its installments, due on the repayment day; return the dropped interest in minor units."""
    opened = [row for row in members if row.status in Installment.OPEN and row.charge_id is None]
    to_come = [row for row in opened if row.status != InstallmentStatus.OVERDUE]
    if not to_come or plan.repay_by is None or not any(row.open_minor > row.open_fees_minor for row in opened):
        return 0
    quote = early_quote(
        [state_of(row) for row in members],
        at=local_date(at, plan.time_zone),
        terms=plan.terms,
        start=members[0].start_date,
        numbers=[row.number for row in opened],
    )
    asked, repriced = sum(row.interest_minor for row in members), {one.number: one for one in quote.installments}
    bearer, others = to_come[0], [row for row in opened if row is not to_come[0]]
    for row in members:
        # What is under way pays no interest of the time after today either: the rest of it pays what else is owed.
        if row.charge_id is not None and row.due_date > local_date(at, plan.time_zone):
            row.interest_minor = repriced[row.number].interest_minor
    for row in others:
        bearer.principal_minor += row.principal_minor - row.paid_principal_minor
        row.keep_paid(at)
    bearer.interest_minor = bearer.paid_interest_minor + quote.interest_minor
    bearer.due_date = max(plan.repay_by, bearer.start_date)
    bearer.attempts, bearer.last_failure, bearer.reminded_at, bearer.carried_at = 0, "", None, None
    bearer.next_attempt_at = plan.first_attempt(bearer.due_date)
    return asked - sum(row.interest_minor for row in members)


def _save(rows: Sequence[Installment]) -> None:
    amounts = ["principal_minor", "interest_minor", "status", "paid_at", "due_date"]
    Installment.objects.bulk_update(rows, [*amounts, "attempts", "last_failure", "reminded_at", "carried_at", "next_attempt_at"])
