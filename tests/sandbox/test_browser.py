"""A real browser walks through the pages: their policy must not stand in the way."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import requests

from tests.dates import CARD_ENDS

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def tab(browser) -> "Iterator[Page]":
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if "Content Security Policy" in message.text else None)
    yield page
    assert complaints == []
    context.close()


def test_card_page_leads_back_to_another_origin(world, tab):
    body = {"customer_email": "a@example.com", "customer_reference": "c", "currency": "USD"}
    back = f"http://localhost:{world.port}/phone/?order=7"
    setup = world.post("/gateway/v1/setups", {**body, "return_url": back})
    tab.goto(setup["url"])
    tab.fill("#number", "4000 0025 0000 3155")
    tab.fill("#expiry", CARD_ENDS)
    tab.fill("#cvc", "12")
    tab.fill("#postal_code", "10001")
    tab.get_by_role("button", name="Save card").click()
    tab.get_by_text("The security code has 3 digits").wait_for()
    assert tab.input_value("#number") == "4000 0025 0000 3155"
    tab.fill("#cvc", "123")
    tab.get_by_role("button", name="Save card").click()
    tab.get_by_role("button", name="Yes, it is me").click()
    assert tab.url == f"{back}&setup={setup['id']}&status=succeeded"
    assert tab.evaluate("document.documentElement.scrollWidth") == 390


def test_leaving_the_card_page(world, tab):
    body = {"customer_email": "a@example.com", "customer_reference": "c", "currency": "USD"}
    setup = world.post("/gateway/v1/setups", {**body, "return_url": f"http://localhost:{world.port}/phone/"})
    tab.goto(setup["url"])
    tab.get_by_role("button", name="Go back without a card").click()
    assert tab.url.endswith(f"?setup={setup['id']}&status=canceled")


def test_link_in_a_mail_opens_in_the_whole_window(world, tab):
    html = f'<p style="color: green"><a href="http://localhost:{world.port}/phone/">See your plan</a></p>'
    world.post("/mailbox/messages", [{"to": "a@example.com", "from": "b@example.com", "subject": "Your plan", "text": "t", "html": html}])
    tab.goto(f"{world.url}/mailbox/")
    tab.get_by_text("Your plan").click()
    tab.frame_locator("iframe").get_by_text("See your plan").click()
    tab.wait_for_url("**/phone/")
    assert requests.get(tab.url, timeout=30).status_code == 200
