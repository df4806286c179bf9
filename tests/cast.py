"""The standing cast: two shops, an owner, a stranger, consumers with a card, operators; and how they buy."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from django.conf import settings

from accounts.models import Consumer, User
from checkout import services as checkouts
from checkout.models import Checkout, Order
from checkout.queries import get_checkout
from checkout.services import Agreement, CheckoutDraft
from core.money import Money
from markets.models import Market
from merchants.models import Merchant
from merchants.services import create_merchant
from payments.models import PaymentMethod
from simulation import shopper
from tests.operators import make_operator, permit

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
AGREEMENT = Agreement(version="tested", text="Agreed to without a page.")


@pytest.fixture
def at() -> datetime:
    """The time at which tests happen: Sunday 22 November 2026, 09:30 UTC."""
    return NOW


@pytest.fixture
def merchant(db) -> Merchant:
    """A shop in the United States: 4 % fee, 28 days of authorization."""
    return create_merchant(
        name="Nordlys Lamps",
        legal_name="Nordlys LLC",
        market=Market.objects.get(code="US"),
        payout_destination="bank-1",
        slug="nordlys",
        at=NOW,
    )


@pytest.fixture
def stranger(db) -> Merchant:
    """Another shop, which must not see the first one's objects."""
    return create_merchant(
        name="Other Shop", legal_name="Other LLC", market=Market.objects.get(code="US"), payout_destination="bank-2", slug="other", at=NOW
    )


def last_click(checkout: Checkout, consumer: Consumer, product: str, method: PaymentMethod, at: datetime) -> Order:
    """Agree to a plan as the page does, with the data it has just read."""
    fresh = get_checkout(checkout.id)
    quote = checkouts.pick_quote(fresh, product, at)
    return checkouts.confirm(checkout=fresh, consumer=consumer, quote=quote, method=method, agreement=AGREEMENT, at=at)


@dataclass
class Buyer:
    """Buys in a shop as a sandbox consumer."""

    def open(self, merchant: Merchant, amount: int, at: datetime = NOW, **draft: Any) -> Any:
        """Open a checkout as the shop does."""
        items = [{"name": "Lamp", "quantity": 1, "unit_amount": amount, "amount": amount}]
        urls = {"confirmation": "https://shop.example/thanks", "cancel": "https://shop.example/basket"}
        given = {"merchant_reference": "R-1", "items": items, "urls": urls, **draft}
        return checkouts.open_checkout(merchant=merchant, draft=CheckoutDraft(amount=Money(amount, merchant.currency), **given), at=at)

    def finish(
        self,
        checkout: Any,
        email: str = "anna+approve@people.example",
        product: str = "pay_in_4",
        card: str = "4242424242424242",
        at: datetime = NOW,
    ) -> shopper.Outcome:
        """Finish a checkout and return how it ended."""
        return shopper.complete(checkout=checkout, email=email, product=product, card=card, at=at)

    def __call__(
        self, merchant: Merchant, amount: int, at: datetime = NOW, email: str = "anna+approve@people.example", **how: Any
    ) -> Order:
        """Buy for an amount and return the order."""
        finishing = {key: how.pop(key) for key in ("product", "card") if key in how}
        outcome = self.finish(self.open(merchant, amount, at, **how), email, at=at, **finishing)
        assert outcome.order is not None, outcome
        return outcome.order


def forget_world(url: str) -> None:
    """Reset the sandbox: it forgets every card and charge."""
    requests.post(f"{url}/control/reset", headers={"Authorization": f"Bearer {settings.SANDBOX_KEY}"}, timeout=10).raise_for_status()


@pytest.fixture
def buy(db, sandbox_world) -> Buyer:
    """A buyer: `buy(merchant, 22900)` returns the order; `.open` and `.finish` do it in two steps. The sandbox is reset."""
    forget_world(sandbox_world)
    return Buyer()


@pytest.fixture
def operators(db) -> tuple[User, User]:
    """Two operators who may prepare and decide held orders."""

    people = tuple(make_operator(f"operator{n}@kvart.example", "demo-password") for n in (1, 2))
    for person in people:
        permit(person, "prepare_review", "decide_review", "view_orderreview")
    return people  # type: ignore[return-value]


@pytest.fixture
def settle_charge() -> Callable[..., Any]:
    """Charge the due installments of a plan at once: `settle_charge(order, at)`."""
    from collection import services as collection

    def settle(order: Order, at: datetime = NOW) -> None:
        collection.charge_plan_now(plan_id=order.plan_id, at=at)

    return settle
