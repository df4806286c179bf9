"""The demo's cases for the fraud desk: people at one address who buy the same phone within an hour on one device."""

from datetime import datetime, timedelta
from typing import Any

from checkout.errors import Declined
from fraud.purchases import Device
from merchants.models import Merchant
from simulation import shopper
from simulation.lives import GOOD_CARD

BUYERS = tuple(f"{name}.ring+approve@people.example" for name in ("ada", "ben", "cleo", "dan", "eve", "finn"))
HOME = {"line1": "12 Drop Lane", "city": "Portland", "postal_code": "97205", "region": "OR", "country": "US"}
DEVICE = Device(id="demo-ring", print="demo-ring", zone="America/Los_Angeles")
PHONE: dict[str, Any] = {"name": "Phone Nord 12", "quantity": 1, "unit_amount": 14_900, "amount": 14_900, "category": "phones"}


def let_a_ring_buy(merchant: Merchant, *, at: datetime) -> list[str]:
    """Let them buy ten minutes apart, the last one at `at`; return the outcome of each checkout."""
    ended = []
    for number, email in enumerate(BUYERS):
        then = at - timedelta(minutes=10 * (len(BUYERS) - 1 - number))
        told: dict[str, Any] = {"email": email, "reference": f"NL-RING-{number + 1}", "items": [PHONE], "device": DEVICE, "home": HOME}
        try:
            ended.append(shopper.buy(merchant=merchant, card=GOOD_CARD, at=then, **told).outcome)
        except Declined:
            ended.append("refused")
    return ended
