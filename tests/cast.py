"""The standing cast: two shops, an owner, a stranger, consumers with a card, operators; and how they buy."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
import requests
from django.conf import settings

from accounts.models import Consumer, User
from checkout import services as checkouts
from checkout.agreeing import write_terms
from checkout.models import Checkout, Order
from checkout.queries import get_checkout
from checkout.services import CheckoutDraft
from core.money import Money
from markets.models import Market
from merchants.models import Merchant
from merchants.services import create_merchant
from payments.models import PaymentMethod
from plans.documents.writing import Agreement
from simulation import shopper
from tests.approved import CARD, approve
from tests.operators import make_operator

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
        card: str = CARD,
        at: datetime = NOW,
    ) -> shopper.Outcome:
        """Finish a checkout and return how it ended."""
        return shopper.complete(checkout=checkout, email=email, product=product, card=card, at=at)

    def whole(
        self,
        merchant: Merchant,
        amount: int,
        at: datetime = NOW,
        email: str = "anna+approve@people.example",
        product: str = "pay_in_4",
        card: str = CARD,
        **draft: Any,
    ) -> Order:
        """Buy for an amount all the way that a person goes, and return the order."""
        return self._order_of(self.open(merchant, amount, at, **draft), email, product, card, at)

    def _order_of(self, checkout: Checkout, email: str, product: str, card: str, at: datetime) -> Order:
        outcome = self.finish(checkout, email, product, card, at)
        assert outcome.order is not None, outcome
        return outcome.order

    def __call__(
        self,
        merchant: Merchant,
        amount: int,
        at: datetime = NOW,
        email: str = "anna+approve@people.example",
        product: str = "pay_in_4",
        card: str = CARD,
        **draft: Any,
    ) -> Order:
        """Buy for an amount and return the order; somebody new whom everybody approves begins with the last click."""
        checkout = self.open(merchant, amount, at, **draft)
        ready = approve(checkout, email, at) if card == CARD else None
        if ready is None:
            return self._order_of(checkout, email, product, card, at)
        consumer, method = ready
        quote = checkouts.pick_quote(checkout, product, at)
        agreement = write_terms(checkout, consumer, quote, at)
        return checkouts.confirm(checkout=checkout, consumer=consumer, quote=quote, method=method, agreement=agreement, at=at)


@cache
def _session() -> requests.Session:
    """Return one connection for all resets; requests would read the environment's proxies and .netrc at every call."""
    session = requests.Session()
    session.trust_env = False
    return session


def forget_world(url: str) -> None:
    """Reset the sandbox: it forgets every card and charge."""
    key = {"Authorization": f"Bearer {settings.SANDBOX_KEY}"}
    _session().post(f"{url}/control/reset", headers=key, timeout=10).raise_for_status()


@pytest.fixture
def buy(db, sandbox_world) -> Buyer:
    """A buyer: `buy(merchant, 22900)` returns the order; `.whole` goes all the way, `.open` and `.finish` in two steps. A new sandbox."""
    forget_world(sandbox_world)
    return Buyer()


@pytest.fixture
def operators(db) -> tuple[User, User]:
    """Two operators who may prepare and decide held orders."""
    may = ("prepare_review", "decide_review", "view_orderreview")
    return make_operator("operator1@kvart.example", may=may), make_operator("operator2@kvart.example", may=may)


@pytest.fixture
def settle_charge() -> Callable[..., Any]:
    """Charge the due installments of a plan at once: `settle_charge(order, at)`."""
    from collection import services as collection

    def settle(order: Order, at: datetime = NOW) -> None:
        collection.charge_plan_now(plan_id=order.plan_id, at=at)

    return settle
