"""People who use the pages: a fresh browser, somebody signed in, somebody with a purchase."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from django.utils import translation

from accounts.models import Consumer
from checkout.models import Checkout, Order
from core import clock
from tests.portals.plain_values import pages_watched
from tests.portals.pseudo import write_pseudo

DETAILS = {
    "name": "Anna Nielsen",
    "birth_date": "1990-05-31",
    "line1": "1 Main St",
    "postal_code": "10001",
    "city": "New York",
    "region": "NY",
}


@pytest.fixture(autouse=True)
def plain_values() -> Iterator[None]:
    """Let no page that a test opens be rendered from rows of the database."""
    with pages_watched() as found:
        yield
    assert found == {}


@pytest.fixture
def client() -> Client:
    """A browser that checks CSRF tokens, so that forms have to send them."""
    return Client()


@pytest.fixture(scope="session")
def marked(tmp_path_factory):
    """Give a folder with a catalog that puts every text in brackets."""
    return write_pseudo(tmp_path_factory.mktemp("locale"))


@pytest.fixture
def bracketed(marked, settings):
    """Let Danish be the language in which every text stands in brackets."""
    settings.LOCALE_PATHS = [marked]
    yield
    settings.LOCALE_PATHS = configured.LOCALE_PATHS
    translation.deactivate()


@pytest.fixture
def email() -> Callable[[str], str]:
    """Give a function that makes an address of a persona that no other test uses."""
    return lambda persona="": f"{uuid.uuid4().hex[:12]}{persona}@example.com"


@pytest.fixture
def moment() -> datetime:
    """The product's time, as the pages read it."""
    return clock.now()


@pytest.fixture
def open_checkout(buy, merchant, moment) -> Callable[..., Checkout]:
    """Give a function that opens a checkout now: `open_checkout(22900, customer={...})`."""
    return lambda amount=22_900, **draft: buy.open(draft.pop("shop", merchant), amount, moment, **draft)


@pytest.fixture
def bought(buy, merchant, moment, email) -> Callable[..., Order]:
    """Give a function that buys now and lets the shop ship: `bought(22900, email=..., product=...)`."""
    from checkout import services as checkouts

    def make(amount: int = 22_900, *, send: bool = True, charge: bool = False, **how: Any) -> Order:
        shop = how.pop("shop", merchant)
        order = buy(shop, amount, moment, email=how.pop("email", "") or email("+approve"), **how)
        if send:
            checkouts.capture_order(order_id=order.id, merchant=shop, amount_minor=None, actor="test", at=moment)
        if charge:
            from collection import services as collection

            collection.charge_plan_now(plan_id=order.plan_id, at=moment)
        order.refresh_from_db()
        return order

    return make


@pytest.fixture
def sign_in(moment) -> Callable[[Client, Consumer], Client]:
    """Give a function that signs a consumer in to a browser, as a right code does."""

    def do(browser: Client, consumer: Consumer, at: datetime | None = None) -> Client:
        session = browser.session
        session["consumer"] = consumer.public_id
        session["consumer_since"] = (at or moment).astimezone(UTC).isoformat()
        session.save()
        browser.cookies["bnpl_session"] = session.session_key
        return browser

    return do
