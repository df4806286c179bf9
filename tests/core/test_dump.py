"""Whoever holds a dump of the database reads nothing of who people are, what they bought, what shops note of it, and what they write."""

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from accounts import services as accounts
from checkout.models import Checkout, Order
from core import clock, timers
from core.db import rows
from tests.api.conftest import Api
from tests.shops import basket, make_key
from webhooks import services as webhooks

pytestmark = pytest.mark.django_db(transaction=True)
ITEM, NOTE, SKU = "Quietude pregnancy test", "for Zebedee's birthday", "SKU-PRIVATE-77"
WORDS = "I was in hospital in Quimper"
SHOPS_CUSTOMER = {"name": "Xanthippe Quill", "phone": "+12125550189"}


def dump() -> Iterator[tuple[str, str]]:
    """Yield each row of every table, as a dump would write it."""
    for table in connection.introspection.table_names():
        for row in rows(f'SELECT t::text FROM "{table}" t'):
            yield table, row[0]


def found(*secrets: str) -> list[tuple[str, str]]:
    """Return where secrets stand; a number only by itself: the digits of a postal code may stand in a key or a time by chance."""
    looked = {}
    for secret in secrets:
        text = re.escape(secret)
        looked[secret] = re.compile(rf"\b{text}\b" if secret.isdecimal() else text, re.IGNORECASE)
    return sorted({(table, secret) for table, row in dump() for secret, seen in looked.items() if seen.search(row)})


@pytest.fixture
def lived(merchant, buy):
    """Somebody who bought through the API's whole way, was sent it, got something back, wrote to a person; webhooks were sent."""
    at = clock.now()
    webhooks.create_endpoint(merchant=merchant, url="https://shop.example/hooks", events=[], actor="test", at=at)
    items = [{"name": ITEM, "quantity": 1, "unit_amount": 22_900, "amount": 22_900, "sku": SKU}]
    email = "xanthippe.quill+approve@people.example"
    wish = basket(amount=22_900, items=items, metadata={"note": NOTE}, customer={**SHOPS_CUSTOMER, "email": email})
    api = Api(make_key(merchant))
    answer = api.post("checkouts", wish, key="one")
    assert answer.status_code == 201, answer.content
    api.post("checkouts", wish, key="one")
    checkout = Checkout.objects.get()
    buy.finish(checkout, email, at=at)
    order = Order.objects.select_related("consumer", "plan").get()
    api.post(f"orders/{order.public_id}/captures", {"amount": 22_900}, key="two")
    api.post(f"orders/{order.public_id}/refunds", {"amount": 5_000, "reason": NOTE}, key="three")
    accounts.open_request(consumer=order.consumer, kind="complaint", text=WORDS, at=at)
    browser = Client()
    browser.post("/sign-in", {"contact": email})
    browser.post("/sign-in/code", {"code": "000000"})
    browser.post("/sign-in", {"contact": "nobody.quill@people.example"})
    timers.run_until_quiet(at=at)
    return order


def test_nothing_of_a_person_or_a_basket_is_readable_in_a_dump(lived):
    person = lived.consumer
    assert person.name
    home = person.address
    secrets = [ITEM, NOTE, SKU, WORDS, *SHOPS_CUSTOMER.values(), "xanthippe", "nobody.quill", person.name, person.email, person.birth_date]
    secrets += [home["line1"], home["postal_code"]]
    assert len(list(dump())) > 100
    assert found(*[secret for secret in secrets if secret]) == []


def test_what_is_looked_for_would_be_found(lived):
    assert ("merchants_merchant", "nordlys lamps") in found("nordlys lamps")
    assert found(lived.merchant_reference) != []
