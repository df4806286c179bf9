"""Queries of one payment."""

from core.errors import NotFound
from core.ids import parse_id
from payments.models import Charge
from plans.models import Plan


def access_charge(plan: Plan, public_id: str) -> Charge:
    """Return a charge of a plan; NotFound."""
    key = parse_id(Charge.PREFIX, public_id)
    charge = Charge.objects.select_related("payment_method").filter(id=key, reference=plan.public_id).first()
    if charge is None:
        raise NotFound("There is no such payment.")
    return charge
