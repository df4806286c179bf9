"""Event handlers of orders."""

from datetime import datetime

from accounts.events import ConsumerErased
from accounts.models import Consumer
from checkout.models import Order
from checkout.ruling import ORDERS
from checkout.services import resolve_referral
from controls.services import clear_cases
from core.ids import parse_id, public_id
from credit.events import ReferralResolved


def on_referral_resolved(event: ReferralResolved, *, at: datetime) -> None:
    """Decide the orders that waited for a data source's review."""
    resolve_referral(decision_id=parse_id("dec", event.decision), outcome=event.outcome, at=at)


def on_consumer_erased(event: ConsumerErased, *, at: datetime) -> None:
    """Drop what rules were told of the orders of a person who was erased."""
    orders = Order.objects.filter(consumer_id=parse_id(Consumer.PREFIX, event.consumer)).values_list("id", flat=True)
    clear_cases(kind=ORDERS, subjects=[public_id(Order.PREFIX, key) for key in orders], at=at)
