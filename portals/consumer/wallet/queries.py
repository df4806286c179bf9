"""Queries of charges, with a fixed number of statements."""

import uuid
from collections.abc import Sequence

from accounts.models import Consumer
from checkout.models import Order
from core.ids import parse_id
from payments.models import Charge
from plans.models import Plan
from portals.consumer.paging import PAGE


def list_charges(consumer: Consumer, *, before: uuid.UUID | None = None, limit: int = PAGE) -> list[Charge]:
    """Return the charges of a consumer's cards, successful or not, newest first."""
    mine = Charge.objects.filter(payment_method__consumer=consumer).select_related("payment_method")
    return list((mine.filter(id__lt=before) if before else mine).order_by("-id")[:limit])


def orders_of_charges(charges: Sequence[Charge]) -> dict[str, Order]:
    """Return the purchase of each charge, by the charge's reference; one statement."""
    plans = {parse_id(Plan.PREFIX, charge.reference) for charge in charges if charge.reference.startswith(f"{Plan.PREFIX}_")}
    found = Order.objects.filter(plan_id__in=plans).select_related("merchant", "plan") if plans else []
    return {order.plan.public_id: order for order in found}
