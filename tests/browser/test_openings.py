"""The checkout beside the shop's page, in a window and in a frame, on two sites as in life: the shop at 127.0.0.1, the platform not."""

import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from checkout.models import Checkout, Order
from checkout.queries import get_checkout
from checkout.services.authorizing import assess
from controls.services import ruling
from controls.services.shipping import ship_rules
from core import clock
from payments.models import PaymentMethod
from simulation.shopper import card_of, identify
from tests.browser.test_purchase import CARD, DETAILS, fill, press

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGE = """<!doctype html><html lang="en"><title>Shop</title><body><button id="pay">Pay in installments</button><p id="told">-</p>
<div id="here"></div><script src="%s/widget/v1.js"></script></body></html>"""
OPEN = """([url, mode]) => {
  const told = document.getElementById("told"), say = (name) => (what) => { told.textContent = JSON.stringify([name, what]); };
  document.getElementById("pay").onclick = () => { window.opened = PayInInstallments.checkout({
    url: Promise.resolve(url), mode, container: "#here", onComplete: say("complete"), onCancel: say("cancel") }); };
}"""


@pytest.fixture
def there(live_server, settings, sandbox_world) -> str:
    """Give the platform's address under the name of another site than the shop's."""
    settings.BASE_URL = f"http://localhost:{urlsplit(live_server.url).port}"
    return settings.BASE_URL


@pytest.fixture
def origin(there, merchant) -> Iterator[str]:
    """Run the shop's server, which has one page; its origin is registered."""

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = (PAGE % there).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    merchant.origins = [f"http://127.0.0.1:{server.server_port}"]
    merchant.save()
    yield merchant.origins[0]
    server.shutdown()
    server.server_close()


@pytest.fixture
def shop(page, there, origin) -> Callable[..., None]:
    """Give a function that shows the shop's page, ready to open a checkout."""

    def show(checkout: Checkout, mode: str) -> None:
        page.goto(f"{origin}/")
        page.evaluate(OPEN, [f"{there}/checkout/{checkout.public_id}", mode])

    return show


@pytest.fixture
def opened(origin, buy, merchant) -> Checkout:
    """An open checkout of the shop."""
    return buy.open(merchant, 22_900, clock.now(), urls={"confirmation": f"{origin}/done", "cancel": f"{origin}/basket"})


def until_the_card(place, to: str) -> None:
    """Go from the first step to the last one."""
    place.get_by_label("E-mail or mobile number").fill(to)
    press(place, "Send me a code")
    place.get_by_label("Code", exact=True).fill("111111")
    fill(place, DETAILS)
    press(place, "See my plans")
    press(place, "Continue with 4 payments")
    place.get_by_role("heading", name="Check and agree").wait_for()
    press(place, "Add a card")


def press_last(control) -> None:
    """Press what closes its window: it may be gone before the press is over."""
    from playwright.sync_api import Error

    try:
        control.click()
    except Error as error:
        if "closed" not in error.message:
            raise


def told(page, name: str) -> None:
    page.wait_for_function("(name) => document.getElementById('told').textContent.includes(name)", arg=name)


@pytest.fixture
def shared(buy, merchant) -> str:
    """Give the number of a card that another person has just tried, so that its bank is asked about the next one."""
    ship_rules()
    ruling.forget_rules()
    at, number = clock.now(), "4111111111111111"
    checkout = buy.open(merchant, 22_900, at)
    other = identify(checkout=checkout, email="other+approve@people.example", at=at)
    assess(get_checkout(checkout.id), other, card_of(other, number, at), at=at)
    return number


def test_in_the_shops_page_card_and_bank_have_windows_and_the_shop_hears_of_the_order(page, shop, opened, email, shared):
    complaints: list[str] = []
    page.context.on("console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None)
    shop(opened, "embedded")
    page.get_by_role("button", name="Pay in installments").click()
    frame = page.frame_locator("iframe[title='Pay in installments']")
    until_the_card(frame, email("+approve"))
    with page.context.expect_page() as opening:
        frame.get_by_role("link", name="Open the card page").click()
    card = opening.value
    card.get_by_role("button", name="Save card").wait_for()
    assert card.evaluate("window.opener") is None
    fill(card, CARD | {"Card number": shared})
    with card.expect_event("close"):
        press_last(card.get_by_role("button", name="Save card"))
    press(frame, "Agree and pay $57.25 when it ships")
    press(frame, "Continue to your bank")
    places = page.evaluate("history.length")
    with page.context.expect_page() as opening:
        frame.get_by_role("link", name="Open your bank's page").press("Enter")
    bank = opening.value
    frame.get_by_text("Your bank's page is open.").wait_for()
    frame.get_by_role("link", name="I have confirmed my card").focus()
    with page.expect_request(lambda request: "looks=2" in request.url):
        assert bank.evaluate("window.opener") is None
    frame.locator("[data-keep=done]:focus").wait_for()
    assert page.evaluate("history.length") == places + 1, "looking again adds no place"
    with bank.expect_event("close"):
        press_last(bank.get_by_role("button", name="Yes, it is me"))
    frame.get_by_text("Your bank confirmed your card.").wait_for()
    box = page.locator("iframe").bounding_box()
    assert box is not None
    assert 500 < box["height"] < 1500, "the frame is as high as what it holds"
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    session = cookies["framed_bnpl_session"]
    assert (session["secure"], session["sameSite"], session["httpOnly"], session["path"]) == (True, "None", True, "/checkout/")
    assert session.get("partitionKey") or session.get("_crHasCrossSiteAncestor") is not None
    assert "bnpl_session" not in cookies
    press(frame, "Agree and pay $57.25 when it ships")
    told(page, "complete")
    order = Order.objects.get(checkout=opened)
    assert page.locator("#told").inner_text() == f'["complete",{{"checkout":"{opened.public_id}","order":"{order.public_id}"}}]'
    assert page.locator("iframe").count() == 0
    assert page.evaluate("document.activeElement.id") == "pay"
    assert (order.status, PaymentMethod.objects.filter(consumer=order.consumer).count()) == ("authorized", 1)
    assert [text for text in complaints if "favicon" not in text] == []


def test_the_window_tells_of_the_order_and_closes(page, shop, opened, email):
    shop(opened, "popup")
    with page.context.expect_page() as opening:
        page.get_by_role("button", name="Pay in installments").click()
    window = opening.value
    until_the_card(window, email("+approve"))
    fill(window, CARD)
    press(window, "Save card")
    with window.expect_event("close"):
        press_last(window.get_by_role("button", name="Agree and pay $57.25 when it ships"))
    told(page, "complete")
    assert Order.objects.get(checkout=opened).public_id in page.locator("#told").inner_text()
    assert page.evaluate("document.activeElement.id") == "pay"


def test_closing_the_window_or_going_back_cancels_and_a_blocked_window_is_a_redirect(page, shop, opened, there, origin):
    shop(opened, "popup")
    for leave in (lambda window: window.close(), lambda window: press_last(window.get_by_role("link", name="Back to Nordlys Lamps"))):
        with page.context.expect_page() as opening:
            page.get_by_role("button", name="Pay in installments").click()
        opening.value.get_by_role("heading", name="Pay in installments").wait_for()
        leave(opening.value)
        told(page, "cancel")
        page.evaluate("document.getElementById('told').textContent = ''")
        assert page.evaluate("document.activeElement.id") == "pay"
    page.evaluate("window.open = () => null")
    page.get_by_role("button", name="Pay in installments").click()
    page.wait_for_url(f"{there}/checkout/{opened.public_id}")
    page.get_by_role("link", name="Back to Nordlys Lamps").click()
    page.wait_for_url(f"{origin}/basket")


def test_a_page_that_is_not_registered_shows_no_frame_and_is_told_nothing(page, shop, opened, merchant, there):
    merchant.origins = ["https://other.example"]
    merchant.save()
    page.clock.install()
    shop(opened, "embedded")
    page.get_by_role("button", name="Pay in installments").click()
    page.wait_for_function("() => document.querySelector('#here > div')?.shadowRoot.querySelector('iframe')")
    page.wait_for_timeout(300)
    assert page.frame_locator("iframe").get_by_label("E-mail or mobile number").count() == 0
    page.clock.run_for(6_000)
    page.wait_for_url(f"{there}/checkout/{opened.public_id}")


def test_messages_of_others_are_not_heard(page, shop, opened):
    shop(opened, "embedded")
    page.get_by_role("button", name="Pay in installments").click()
    page.frame_locator("iframe[title]").get_by_role("heading", name="Pay in installments").wait_for()
    message = {"source": "pay-in-installments", "type": "complete", "checkout": opened.public_id, "order": "ord_forged"}
    page.evaluate("(message) => window.postMessage(message, '*')", message)
    page.evaluate(
        "([message]) => { const other = document.createElement('iframe'); document.body.append(other);"
        " other.contentWindow.eval(`parent.postMessage(${JSON.stringify(message)}, '*')`); }",
        [message],
    )
    page.wait_for_timeout(100)
    assert page.locator("#told").inner_text() == "-"
    page.frame_locator("iframe[title]").get_by_role("link", name=re.compile("Back to")).click()
    told(page, "cancel")
