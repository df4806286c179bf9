"""People who behave as launderers do, through the real checkout."""

from datetime import timedelta
from typing import Any

import pytest

from checkout import services as checkouts
from checkout.models import Order
from controls.services import ruling
from controls.services.shipping import ship_rules
from fraud.models import LaunderingAlert
from tests.fraud.conftest import Attempts


@pytest.fixture
def attempt(buy, merchant) -> Attempts:
    """A buyer with a device: `attempt(email, items=, where=, network=)` returns the order. No rule stops anybody."""
    return Attempts(buy, merchant)


@pytest.fixture
def shipped(db) -> None:
    """The shipped rules hold, as after `migrate`."""
    ship_rules()
    ruling.forget_rules()


def refunded(order: Order, at: Any, share: int = 1) -> Order:
    """Capture an order, and have the shop refund it a day later, or a part of it (one of `share`)."""
    checkouts.capture_order(order_id=order.id, merchant=order.merchant, amount_minor=None, actor="shop", at=at)
    amount = order.amount_minor // share
    told: dict[str, Any] = {"reason": "", "actor": "shop", "at": at + timedelta(days=1)}
    checkouts.refund_order(order_id=order.id, merchant=order.merchant, amount_minor=amount, **told)
    return order


def rules_of(*consumers: Any) -> list[str]:
    """Return the rules of the alerts of people, in order; of all where none is named."""
    found = LaunderingAlert.objects.order_by("rule")
    return list((found.filter(consumer__in=consumers) if consumers else found).values_list("rule", flat=True))
