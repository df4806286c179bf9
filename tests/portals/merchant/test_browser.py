"""The merchant portal in a real browser: its work done with and without scripts. How its pages look: tests/browser/test_walk_portals.py."""

import pytest

from checkout import services as checkouts
from checkout.models import Capture, Refund
from merchants import services as merchants
from tests.portals.merchant.test_pages import DAY
from webhooks import services as hooks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lived(buy, merchant, at):
    """A shop with an open and a captured order, a refund, a statement, a key and an endpoint."""
    opened, sold = buy(merchant, 22900, merchant_reference="10481"), buy(merchant, 22900, merchant_reference="10482")
    who = {"merchant": merchant, "actor": "key:test", "at": at}
    checkouts.capture_order(order_id=sold.id, amount_minor=None, **who)
    checkouts.refund_order(order_id=sold.id, amount_minor=4000, reason="Broken shade", **who)
    merchants.settle_merchants(at=at + DAY)
    merchants.create_api_key(merchant=merchant, kind="secret", name="Shop", actor="test", at=at)
    endpoint = hooks.create_endpoint(merchant=merchant, url="http://127.0.0.1:9/hooks", events=[], at=at, actor="test")
    return {"open": opened, "sold": sold, "settlement": merchant.settlements.get(), "endpoint": endpoint}


@pytest.fixture
def enter(browser, live_server, owner):
    """Give a function that opens a signed-in page, with or without scripts; the test fails on what the browser complained of."""
    contexts, complaints = [], []

    def go(path="/merchant/", *, scripts=True, width=1280):
        context = browser.new_context(java_script_enabled=scripts, viewport={"width": width, "height": 850}, locale="en-US")
        context.set_default_timeout(10_000)
        context.add_cookies([{"name": "bnpl_session", "value": owner.cookies["bnpl_session"].value, "url": live_server.url}])
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(live_server.url + path)
        return page

    yield go
    for context in contexts:
        context.close()
    assert [text for text in complaints if "favicon" not in text] == []


def test_an_order_is_captured_and_refunded_without_scripts(lived, enter):
    page = enter(f"/merchant/orders/{lived['open'].public_id}", scripts=False, width=390)
    page.get_by_role("link", name="Capture").click()
    page.get_by_label("Amount in USD").fill("100")
    page.get_by_role("button", name="Capture").click()
    page.get_by_text("Partly captured").wait_for()
    page.get_by_role("link", name="Refund", exact=True).click()
    page.get_by_label("Amount in USD").fill("40")
    page.get_by_role("button", name="Show what changes").click()
    page.get_by_role("button", name="Refund $40.00").click()
    page.wait_for_url(f"**/orders/{lived['open'].public_id}")
    page.get_by_text("Partly captured").wait_for()
    page.get_by_text("$40.00").first.wait_for()
    assert Capture.objects.filter(order=lived["open"]).get().refunded_minor == 4000
    assert Refund.objects.count() == 2


def test_the_preview_of_the_look_follows_the_typing(lived, enter):
    page = enter("/merchant/look")
    assert not page.get_by_role("button", name="Preview").is_visible()
    page.get_by_label("Name", exact=True).fill("Nordlys & Sons")
    page.locator("#id_brand_color").fill("#ffd400")
    page.get_by_text("We show your color darker.").wait_for()
    frame = page.locator(".look-frame").first
    assert "Nordlys & Sons" in frame.inner_text()
    button = frame.locator(".btn")
    page.wait_for_function("(one) => getComputedStyle(one).backgroundColor === 'rgb(131, 107, 0)'", arg=button.element_handle())
    assert page.locator("[data-mirror]").input_value() == "#ffd400"


def test_a_new_key_can_be_copied_and_the_menu_opens_on_the_phone(lived, enter):
    page = enter("/merchant/keys", width=390)
    page.get_by_label("Name", exact=True).fill("Phone")
    page.get_by_role("button", name="Make the key").click()
    assert page.get_by_label("Phone").input_value().startswith("sk_sandbox_")
    page.get_by_role("button", name="Copy").wait_for()
    page.locator(".shop-menu summary").click()
    page.get_by_role("link", name="Settlements").click()
    page.get_by_role("heading", name="Settlements").wait_for()
