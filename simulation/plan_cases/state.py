"""The state of a case's plans after a step, in the words of the file."""

from collections import Counter
from datetime import date
from typing import Any

from payments.models import Charge, Refund
from plans.models import Allocation, ChargeOff, Fee, FeePayment, Installment
from plans.rules.arrears import bucket_of
from plans.states import FeeStatus, PlanStatus
from simulation.plan_cases.world import World, days_late

State = dict[str, Any]
STATES = {FeeStatus.FORGIVEN: "waived"}


def read_state(world: World, day: date) -> State:
    """Return plans, fees and refunds so far, as of a date; amounts in minor units."""
    plans = {key: _plan(world, key, day) for key in world.orders}
    return {"plans": plans, "fees": _fees(world), "returned": _returned(world)}


def _fees(world: World) -> list[State]:
    keys = {order.plan_id: key for key, order in world.orders.items()}
    return [
        {
            "on": fee.on.isoformat(),
            "plan": keys[fee.installment.plan_id],
            "installment": fee.installment.number,
            "kind": fee.kind,
            "amount": fee.amount_minor,
            "state": STATES.get(fee.status, fee.status),
        }
        for fee in Fee.objects.filter(installment__plan__in=keys, amount_minor__gt=0).select_related("installment").order_by("on", "id")
    ]


def _plan(world: World, key: str, day: date) -> State:
    rows = world.installments(key)
    lost = ChargeOff.objects.filter(plan=world.orders[key].plan_id).first()
    return {
        "status": PlanStatus.CHARGED_OFF if lost else world.plan(key).status,
        "outstanding": sum(row.open_minor for row in rows),
        "bucket": bucket_of(days_late(rows, day)),
        "charged_off": lost.principal_minor if lost else 0,
        "recovered": _recovered(world, key),
        "installments": [_installment(row) for row in rows],
    }


def _recovered(world: World, key: str) -> int:
    """Return what came to the bank for a plan that was given up, less what went back of it."""
    charges = [charge for charge in world.recovered if charge.reference == world.plan(key).public_id]
    back = sum(Refund.objects.filter(charge__in=charges).values_list("amount_minor", flat=True))
    return sum(charge.amount_minor for charge in charges) - back


def _installment(row: Installment) -> State:
    return {
        "number": row.number,
        "due": row.due_date.isoformat(),
        "principal": row.principal_minor,
        "interest": row.interest_minor,
        "fees": row.fees_minor,
        "paid": row.paid_minor,
        "status": row.status,
    }


def _returned(world: World) -> list[State]:
    """Return refunds, summed by the step that had paid them and by installment; refunds of overpayments have no installment."""
    sums: Counter[tuple[str, int | None]] = Counter()
    for allocation in Allocation.objects.filter(charge_id__in=world.charged_by).select_related("installment"):
        sums[world.charged_by[allocation.charge_id], allocation.installment.number] += allocation.refunded_minor
        sums[world.charged_by[allocation.charge_id], None] -= allocation.refunded_minor
    for paid in FeePayment.objects.filter(charge_id__in=world.charged_by).select_related("fee__installment"):
        sums[world.charged_by[paid.charge_id], paid.fee.installment.number] += paid.returned_minor
        sums[world.charged_by[paid.charge_id], None] -= paid.returned_minor
    for charge in Charge.objects.filter(id__in=world.charged_by):
        sums[world.charged_by[charge.id], None] += sum(Refund.objects.filter(charge=charge).values_list("amount_minor", flat=True))
    return [{"from": step, "installment": number, "amount": amount} for (step, number), amount in sums.items() if amount]
