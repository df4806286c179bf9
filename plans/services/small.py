"""Installments too small to be charged alone: charged with the plan's next payment, or waived if there is none.

Card networks have a minimum charge in each currency. The schedule stays as it was agreed; the lender bears waived amounts.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.arrays import plain_array
from core.db import execute, unit
from core.outbox import Event, append_all
from credit import services as credit
from ledger import postings
from plans.events import InstallmentsWaived, PlanCompleted
from plans.fees import charged_fees
from plans.models import Installment, Plan
from plans.queries import list_installments
from plans.services.creation import record_change, snapshot
from plans.services.fees import end_fees
from plans.services.saving import save_installments
from plans.states import FeeStatus, PlanStatus

_CARRY = "UPDATE plans_installment SET carried_at = %s, next_attempt_at = NULL WHERE id = ANY(%s::uuid[])"


@dataclass(slots=True)
class _Waived:
    """The waived amounts of several plans, gathered so that each kind of row is written once."""

    changed: list[Installment] = field(default_factory=list)
    waivers: list[postings.WaiverPosting] = field(default_factory=list)
    freed: dict[tuple[uuid.UUID, str], int] = field(default_factory=dict)
    completed: list[Plan] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


def hold_back(*, installment_ids: Collection[uuid.UUID], at: datetime) -> None:
    """Let due installments of locked plans that are too small to be charged wait for their plan's next payment.

    If the plan has no further payment, they are waived, with all others that wait already. Leaves out those with a charge under way.
    """
    wanted = set(installment_ids)
    if not wanted:
        return
    with unit():
        plans = Plan.objects.filter(installments__id__in=wanted).distinct().order_by("id")
        found = {plan.id: plan for plan in plans}
        waits: list[uuid.UUID] = []
        waived = _Waived()
        for plan_id, rows in list_installments(found).items():
            opened = [row for row in rows if row.status in Installment.OPEN and row.charge_id is None]
            small = [row for row in opened if row.id in wanted or row.carried_at is not None]
            if len(small) < len(opened):
                waits += [row.id for row in small if row.carried_at is None]
            else:
                _waive(found[plan_id], rows, small, waived, at)
        if waits:
            execute(_CARRY, [at, plain_array(waits)])
        _write(waived, at)


def _waive(plan: Plan, rows: Sequence[Installment], small: Sequence[Installment], waived: _Waived, at: datetime) -> None:
    before = snapshot(rows)
    principal = sum(row.principal_minor - row.paid_principal_minor for row in small)
    interest = sum(row.interest_minor - row.paid_interest_minor for row in small)
    fees = [fee for mine in charged_fees(small).values() for fee in mine if fee.open_minor]
    if fees:
        end_fees(plan=plan, rows=rows, fees=fees, status=FeeStatus.FORGIVEN, reason="too small to be charged", actor="", at=at)
    for row in small:
        if row.status in Installment.OPEN:
            row.keep_paid(at)
    numbers = [row.number for row in small]
    record_change(plan=plan, kind="waived", reference="", before=before, after=snapshot(rows), actor="", at=at)
    waived.changed += small
    key = (plan.consumer_id, plan.currency)
    waived.freed[key] = waived.freed.get(key, 0) + principal
    source = f"{plan.public_id}:{numbers[0]}"
    waived.waivers.append(postings.WaiverPosting(source, plan.public_id, plan.currency, principal, interest, at))
    waived.events.append(
        InstallmentsWaived(
            plan=plan.public_id, reference=plan.reference, installments=numbers, amount_minor=principal + interest, currency=plan.currency
        )
    )
    if plan.status == PlanStatus.ACTIVE and not any(row.status in Installment.OPEN for row in rows):
        plan.complete()
        waived.completed.append(plan)
        waived.events.append(PlanCompleted(plan=plan.public_id, reference=plan.reference, by="waiver"))


def _write(waived: _Waived, at: datetime) -> None:
    save_installments(waived.changed)
    for plan in waived.completed:
        plan.save(update_fields=["status"])
    credit.release_many(amounts=waived.freed)
    append_all(waived.events, at=at)
    postings.waivers(waived.waivers)
