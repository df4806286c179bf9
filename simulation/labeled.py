"""The demo's labels of fraud: strangers who bought phones and did not pay, and honest purchases, enough to learn a model from."""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from checkout.models import Order
from checkout.services import label_order
from core.errors import DomainError
from fraud.models import Assessment
from fraud.purchases import NO_DEVICE, Device
from learning.labels import LEAST_OF_A_CLASS
from merchants.models import Merchant
from simulation import shopper
from simulation.lives import GOOD_CARD

STRANGERS = LEAST_OF_A_CLASS + 2
"""Some of them may be refused before they have an order."""
HONEST = LEAST_OF_A_CLASS + 10
AMOUNTS = (4_900, 7_900, 9_900, 12_900)
FRAUD = "The cardholder says that they did not buy it."
KEPT = "Paid as agreed, and nobody complained."


def label_purchases(merchant: Merchant, user: User, *, at: datetime) -> tuple[int, int]:
    """Let strangers buy within the hour before `at`; label their orders as fraud and others as honest; return how many of each.

    Some share a device, some buy phones and some lamps on no known device, as honest people do: no signal alone tells them all apart, as a
    table from which one does is refused by what trains.
    """
    strange = [order for order in (_buy(merchant, number, at) for number in range(STRANGERS)) if order is not None]
    for order in strange:
        label_order(order=order, user=user, is_fraud=True, reason=FRAUD, at=at)
    known = Assessment.objects.exclude(order="").exclude(order__in=[order.public_id for order in strange]).order_by("id")
    ids = list(known.filter(at__lt=at - timedelta(days=1)).values_list("order", flat=True)[:HONEST])
    honest = [order for order in Order.objects.order_by("id") if order.public_id in set(ids)]
    for order in honest:
        label_order(order=order, user=user, is_fraud=False, reason=KEPT, at=at)
    return len(strange), len(honest)


def _buy(merchant: Merchant, number: int, at: datetime) -> Order | None:
    amount, kind = AMOUNTS[number % len(AMOUNTS)], number % 5
    goods = {"name": "Table lamp Fjord", "category": "lamps"} if kind == 4 else {"name": "Phone Nord 8", "category": "phones"}
    item: dict[str, Any] = goods | {"quantity": 1, "unit_amount": amount, "amount": amount}
    shared = f"demo-stranger-{number // 2}"
    told: dict[str, Any] = {"email": f"stranger{number + 1}+approve@people.example", "reference": f"NL-STRANGER-{number + 1}"}
    device = Device(id=shared, print=shared, zone="America/New_York") if kind in {0, 1} else NO_DEVICE
    try:
        then = at - timedelta(minutes=2 * (STRANGERS - number))
        return shopper.buy(merchant=merchant, items=[item], card=GOOD_CARD, device=device, at=then, **told).order
    except DomainError:
        return None
