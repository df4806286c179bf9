"""The state of a case's plans after a step, in the words of the file."""

from collections import Counter
from datetime import date
from typing import Any

from payments.models import Charge, Refund
from plans.models import Allocation, Installment
from plans.rules.arrears import bucket_of, days_past_due
from simulation.plan_cases.world import World

State = dict[str, Any]


def read_state(world: World, day: date) -> State:
    """Return plans, fees and refunds so far, as of a date; amounts in minor units."""
    plans = {key: _plan(world, key, day) for key in world.orders}
    return {"plans": plans, "fees": [], "returned": _returned(world)}


def _plan(world: World, key: str, day: date) -> State:
    rows = world.installments(key)
    late = days_past_due(((row.due_date, row.open_minor) for row in rows), day)
    return {
        "status": world.plan(key).status,
        "outstanding": sum(row.open_minor for row in rows),
        "bucket": bucket_of(late),
        "charged_off": 0,
        "recovered": 0,
        "installments": [_installment(row) for row in rows],
    }


def _installment(row: Installment) -> State:
    return {
        "number": row.number,
        "due": row.due_date.isoformat(),
        "principal": row.principal_minor,
        "interest": row.interest_minor,
        "fees": 0,
        "paid": row.paid_minor,
        "status": row.status,
    }


def _returned(world: World) -> list[State]:
    """Return refunds, summed by the step that had paid them and by installment; refunds of overpayments have no installment."""
    sums: Counter[tuple[str, int | None]] = Counter()
    for allocation in Allocation.objects.filter(charge_id__in=world.charged_by).select_related("installment"):
        sums[world.charged_by[allocation.charge_id], allocation.installment.number] += allocation.refunded_minor
        sums[world.charged_by[allocation.charge_id], None] -= allocation.refunded_minor
    for charge in Charge.objects.filter(id__in=world.charged_by):
        sums[world.charged_by[charge.id], None] += sum(Refund.objects.filter(charge=charge).values_list("amount_minor", flat=True))
    return [{"from": step, "installment": number, "amount": amount} for (step, number), amount in sums.items() if amount]
