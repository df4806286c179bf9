"""Every page of the merchant portal: who gets in, strict markup, and a number of statements that does not grow."""

from datetime import timedelta

import pytest

from checkout import services as checkouts
from merchants import services as merchants
from tests.api.counting import statements
from tests.portals.test_design_pages import Outline
from webhooks import services as hooks

DAY = timedelta(days=1)


@pytest.fixture
def lived(buy, merchant, at):
    """A shop with an order in each state, a refund, two settlements, a key, an endpoint and an event."""
    orders = [buy(merchant, 22900, merchant_reference=f"10{n}") for n in range(4)]
    who = {"merchant": merchant, "actor": "key:test", "at": at}
    checkouts.capture_order(order_id=orders[0].id, amount_minor=10000, **who)
    checkouts.capture_order(order_id=orders[1].id, amount_minor=None, **who)
    checkouts.refund_order(order_id=orders[1].id, amount_minor=4000, reason="Broken shade", **who)
    checkouts.void_order(order_id=orders[2].id, **who)
    merchants.settle_merchants(at=at + 2 * DAY)
    key, _ = merchants.create_api_key(merchant=merchant, kind="secret", name="Shop", actor="test", at=at)
    endpoint = hooks.create_endpoint(merchant=merchant, url="http://127.0.0.1:9/hooks", events=[], at=at, actor="test")
    event = hooks.record_event(merchant_id=merchant.id, event_type="order.captured", source="x", data={"order_id": "ord_1"}, at=at)
    return {
        "order": orders[1].public_id,
        "open": orders[3].public_id,
        "partly": orders[0].public_id,
        "settlement": merchant.settlements.order_by("id").first().public_id,
        "key": key.public_id,
        "endpoint": endpoint.public_id,
        "event": event.public_id,
        "delivery": event.deliveries.get().public_id,
        "member": 0,
    }


PAGES = [
    "/merchant/",
    "/merchant/?days=90",
    "/merchant/orders",
    "/merchant/orders?status=refunded&from=2026-11-01&to=2026-11-30&q=10",
    "/merchant/orders/{order}",
    "/merchant/orders/{open}",
    "/merchant/orders/{open}/capture",
    "/merchant/orders/{open}/void",
    "/merchant/orders/{partly}/release",
    "/merchant/orders/{order}/refund",
    "/merchant/refunds",
    "/merchant/settlements",
    "/merchant/settlements/{settlement}",
    "/merchant/keys",
    "/merchant/keys/{key}/revoke",
    "/merchant/webhooks",
    "/merchant/webhooks/new",
    "/merchant/webhooks/{endpoint}",
    "/merchant/webhooks/{endpoint}/edit",
    "/merchant/webhooks/{endpoint}/secret",
    "/merchant/webhooks/{endpoint}/disable",
    "/merchant/webhooks/{endpoint}/remove",
    "/merchant/events",
    "/merchant/events/{event}",
    "/merchant/deliveries/{delivery}",
    "/merchant/look",
    "/merchant/team",
]
FILES = ["/merchant/orders.csv", "/merchant/settlements/{settlement}/lines.csv"]


def test_every_page_obeys_the_rules_of_markup(lived, owner):
    for path in PAGES:
        response = owner.get(path.format(**lived))
        assert response.status_code == 200, path
        outline = Outline(response.content.decode())
        assert (outline.count("h1"), outline.count("main"), outline.count("style")) == (1, 1, 0), path
        ids = outline.values("id")
        assert len(ids) == len(set(ids)), path
        for attribute in ("for", "aria-describedby", "data-copy", "form"):
            for value in outline.values(attribute):
                assert set(value.split()) <= set(ids), (path, attribute, value)
        for tag, attrs in outline.tags:
            assert not [name for name in attrs if name == "style" or name.startswith("on")], (path, tag)
            assert tag != "script" or attrs["src"].startswith("/static/"), path
        assert response.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_nobody_gets_in_without_signing_in(lived, client):
    for path in [*PAGES, *FILES]:
        response = client.get(path.format(**lived))
        assert (response.status_code, response.headers["Location"].partition("?")[0]) == (302, "/merchant/sign-in"), path


def test_another_shops_objects_do_not_exist(lived, desk_of, stranger):
    client = desk_of(stranger)
    for path in [*PAGES, *FILES]:
        if "{" in path:
            assert client.get(path.format(**lived)).status_code == 404, path


def test_pages_take_a_constant_number_of_statements(lived, owner, buy, merchant, at):
    lists = ["/merchant/", "/merchant/orders", "/merchant/refunds", "/merchant/settlements", "/merchant/orders/{order}"]
    before = {path: _count(owner, path.format(**lived)) for path in lists}
    for n in range(6):
        order = buy(merchant, 5000, merchant_reference=f"20{n}")
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="key:test", at=at)
        checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=500, reason="", actor="key:test", at=at)
    merchants.settle_merchants(at=at + 5 * DAY)
    assert {path: _count(owner, path.format(**lived)) for path in lists} == before
    assert before == {
        "/merchant/": 10,
        "/merchant/orders": 4,
        "/merchant/refunds": 4,
        "/merchant/settlements": 6,
        "/merchant/orders/{order}": 13,
    }


def _count(client, path):
    client.get(path)
    with statements() as sql:
        assert client.get(path).status_code == 200
    return len(sql)


def test_a_new_shop_is_told_how_to_begin(owner):
    text = owner.get("/merchant/").content.decode()
    for told in ("Get your first order", "No orders yet", "Sales appear here", "nothing new yet"):
        assert told in text
    for path, told in (
        ("orders", "No orders yet"),
        ("refunds", "No refunds yet"),
        ("settlements", "No statements yet"),
        ("keys", "No keys yet"),
        ("webhooks", "No endpoints yet"),
        ("events", "No events yet"),
    ):
        assert told in owner.get(f"/merchant/{path}").content.decode()
