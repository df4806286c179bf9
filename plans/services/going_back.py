"""Money of plans that goes back to the method that paid."""

from payments.models import Charge
from payments.services import RefundRequest
from plans.models import Plan


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
