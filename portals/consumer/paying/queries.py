"""Queries of one payment."""

from accounts.models import Consumer
from checkout.models import Order
from core.errors import NotFound
from core.ids import parse_id
from payments.models import Charge
from plans.models import FreePayment, Plan


def access_charge(plan: Plan, public_id: str) -> Charge:
    """Return a charge of a plan; NotFound."""
    key = parse_id(Charge.PREFIX, public_id)
    charge = Charge.objects.select_related("payment_method").filter(id=key, reference=plan.public_id).first()
    if charge is None:
        raise NotFound("There is no such payment.")
    return charge


def list_together(consumer: Consumer, public_id: str) -> list[tuple[Order, Charge]]:
    """Return the charges of a free payment of a consumer, each with its order, oldest plan first; NotFound. Three queries."""
    key = parse_id(Charge.PREFIX, public_id)
    one = FreePayment.objects.filter(charge_id=key, plan__consumer=consumer).first()
    if one is None:
        raise NotFound("There is no such payment.")
    made = FreePayment.objects.filter(together=one.together).select_related("charge__payment_method").order_by("plan_id")
    found = list(made)
    orders = {order.plan_id: order for order in Order.objects.filter(plan__in=[one.plan_id for one in found]).select_related("merchant")}
    return [(orders[one.plan_id], one.charge) for one in found]
