"""Buyers with devices and networks, under the rules that come with the product."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from checkout import services as checkouts
from checkout.models import Order
from checkout.queries import get_checkout
from controls.services import ruling
from controls.services.shipping import ship_rules
from fraud.models import Assessment
from fraud.purchases import NO_DEVICE, Device
from payments.services import Asker
from simulation.shopper import card_of, identify
from tests.cast import AGREEMENT, NOW, Buyer

PHONE = {"name": "Phone Nord 12", "quantity": 1, "unit_amount": 14_900, "amount": 14_900, "category": "phones"}
LAMP = {"name": "Lamp", "quantity": 1, "unit_amount": 8_900, "amount": 8_900}


@pytest.fixture
def shipped(db) -> None:
    """The shipped rules hold, as after `migrate`."""
    ship_rules()
    ruling.forget_rules()


def device(name: str, **more: Any) -> Device:
    """A browser of its own."""
    return Device(id=f"id-{name}", print=f"print-{name}", zone="America/Los_Angeles", **more)


@dataclass
class Attempts:
    """Buys by the real checkout, from a device and a network."""

    buyer: Buyer
    merchant: Any

    def __call__(
        self,
        email: str = "anna+approve@people.example",
        *,
        items: Any = (LAMP,),
        where: Device = NO_DEVICE,
        network: str = "",
        card: str = "4242424242424242",
        product: str = "pay_in_4",
        at: datetime = NOW,
        home: dict[str, str] | None = None,
        checkout: Any = None,
        **draft: Any,
    ) -> Order:
        amount = sum(item["amount"] for item in items)
        checkout = checkout or self.buyer.open(self.merchant, amount, at, items=list(items), **draft)
        if checkout.consumer is None:
            identify(checkout=checkout, email=email, at=at)
        consumer = get_checkout(checkout.id).consumer
        if home:
            from accounts import services as accounts

            accounts.update_details(consumer=consumer, address=home, at=at, actor="test")
        if checkout.status == "open":
            checkouts.decide(checkout_id=checkout.id, at=at)
        fresh = get_checkout(checkout.id)
        method = card_of(fresh.consumer, card, at)
        quote = checkouts.pick_quote(fresh, product, at)
        return checkouts.confirm(
            checkout=fresh,
            consumer=fresh.consumer,
            quote=quote,
            method=method,
            agreement=AGREEMENT,
            at=at,
            asker=Asker(network=network, device=where.id),
            device=where,
            network=network,
        )


@pytest.fixture
def attempt(buy, merchant, shipped) -> Attempts:
    """A buyer: `attempt(email, items=, where=, network=)` returns the order, or raises what stopped it."""
    return Attempts(buy, merchant)


def last() -> Assessment:
    """Return the newest assessment."""
    return Assessment.objects.order_by("-id")[0]
