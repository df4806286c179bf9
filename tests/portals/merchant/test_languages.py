"""The merchant portal's pages in the language in which every text stands in brackets."""

import pytest
from django.conf import settings

from checkout import services as checkouts
from core import relay
from tests.cast import NOW
from tests.portals.pseudo import crawl, words_of
from webhooks import services as hooks

KNOWN = ("Mia Owner", "owner@nordlys.example", "MO", "NL", "JW", "J. Weber", "Shade", "New York", "EST", "JSON")
"""Names and data of the rows."""

pytestmark = pytest.mark.django_db
PORTAL = "/merchant/"


@pytest.fixture
def lived(buy, merchant):
    """An order captured in part and refunded, one that is held, a webhook endpoint with deliveries."""
    sold, held = buy(merchant, 22_900), buy(merchant, 120_000)
    who = {"merchant": merchant, "actor": "key:test", "at": NOW}
    hooks.create_endpoint(merchant=merchant, url="https://shop.example/hooks", at=NOW, actor="test")
    checkouts.capture_order(order_id=sold.id, amount_minor=10_000, **who)
    checkouts.refund_order(order_id=sold.id, amount_minor=4_000, reason="Shade", **who)
    relay.drain()
    return [sold, held]


def in_danish(client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "da"
    return client


def test_every_page_of_a_shop_is_translated(bracketed, lived, owner, merchant):
    known = words_of([*KNOWN, *(one.consumer.name for one in lived)])
    found = crawl(in_danish(owner), PORTAL, within=PORTAL, known=known, blanks=True)
    assert found == {}


def test_every_page_of_a_shop_without_sales_is_translated(bracketed, owner, merchant):
    found = crawl(in_danish(owner), PORTAL, within=PORTAL, known=words_of(KNOWN), each=1)
    assert found == {}
