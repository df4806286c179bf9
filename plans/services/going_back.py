"""Money of plans that goes back to the method that paid."""

from django.db.models import F

from payments.models import Charge
from payments.services import RefundRequest
from payments.states import MovementStatus
from plans.models import Allocation, Plan


def refund_request(plan: Plan, charge: Charge, minor: int) -> RefundRequest:
    """Return the request to refund an amount of a charge; in the ledger, the plan's account owes it."""
    return RefundRequest(
        gateway=charge.gateway,
        charge_id=charge.id,
        charge_ref=charge.gateway_ref,
        reference=plan.public_id,
        amount_minor=minor,
        currency=charge.currency,
    )


def way_back(plan: Plan, charge: Charge, minor: int) -> list[tuple[Charge, int]]:
    """Return to which charges of a plan an amount goes back: to one of them, and what that has no room for to the newest that has.

    A charge has no room for what went back as a reward for being early.
    """
    rest = max(0, minor - charge.amount_minor + charge.refunded_minor)
    if not rest:
        return [(charge, minor)]
    paid = Allocation.objects.filter(installment__plan=plan).exclude(charge_id=charge.id).values("charge_id")
    others = Charge.objects.filter(id__in=paid, status=MovementStatus.SUCCEEDED, amount_minor__gte=F("refunded_minor") + rest)
    other = others.order_by("-id").first()
    return [(charge, minor - rest), *([(other, rest)] if other else [])]
