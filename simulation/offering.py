"""The demo's counter-offers: one that a person took, with a deposit on its card, and one that still stands."""

from datetime import datetime, timedelta

from checkout import services as checkouts
from checkout.models import Checkout, Order
from checkout.services import CheckoutDraft
from core.money import Money
from credit.models import CreditLine
from merchants.models import Merchant
from simulation import shopper
from simulation.lives import GOOD_CARD

TAKES, WAITS = "nils+approve@people.example", "tilde+approve@people.example"
PLAN = "monthly_6"
BEFORE, MOST_FILLING = timedelta(days=3), 3
BEFORE_MINOR, ABOVE_MINOR = 6_000, 30_000
"""What each person bought first, and by how much their last purchase is above what is left of their limit."""


def let_counter_offers_be_made(merchant: Merchant, *, at: datetime) -> list[str]:
    """Let two people buy more than is left of their limit; the first takes the offer. Return how their checkouts ended."""
    return [_let_buy(merchant, TAKES, at, takes=True), _let_buy(merchant, WAITS, at, takes=False)]


def _let_buy(merchant: Merchant, email: str, at: datetime, *, takes: bool) -> str:
    began = at - BEFORE
    small = _open(merchant, email, "Reading lamp", BEFORE_MINOR, began)
    before = shopper.complete(checkout=small, email=email, product="pay_in_4", card=GOOD_CARD, at=began)
    if before.order is None:
        return before.outcome
    most = before.order.decision.order_limit_minor
    # What is lent at last needs no person to look at it. A rule may ask for deposits, so that less is lent than is bought.
    for _ in range(MOST_FILLING):
        if (more := _left(before.order) - most) > 0:
            shopper.complete(checkout=_open(merchant, email, "Desk lamp", more, began), email=email, product=PLAN, card=GOOD_CARD, at=began)
    left = _left(before.order)
    large = _open(merchant, email, "Chandelier", left + ABOVE_MINOR, at)
    ended = shopper.complete(checkout=large, email=email, product=PLAN, card=GOOD_CARD, at=at)
    if takes and ended.order is None:
        ended = shopper.take_counter_offer(checkout=large, product=PLAN, card=GOOD_CARD, at=at)
    return ended.outcome


def _left(order: Order) -> int:
    """Return what is left of the limit of an order's person, in minor units."""
    line = CreditLine.objects.get(consumer=order.consumer, currency=order.currency)
    return line.limit_minor - line.used_minor


def _open(merchant: Merchant, email: str, name: str, minor: int, at: datetime) -> Checkout:
    urls = {"confirmation": f"https://{merchant.slug}.example/thanks", "cancel": f"https://{merchant.slug}.example/basket"}
    items = [{"name": name, "quantity": 1, "unit_amount": minor, "amount": minor}]
    draft = CheckoutDraft(
        amount=Money(minor, merchant.currency), merchant_reference=f"NL-{email[:4]}-{name[:4]}-{minor}".upper(), urls=urls, items=items
    )
    return checkouts.open_checkout(merchant=merchant, draft=draft, at=at)
