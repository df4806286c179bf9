"""The demo shop opens the checkout in a window or in its page where the visitor chooses so, and asks its server how it ended."""

import pytest

from merchants.models import Merchant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_visitor_chooses_how_the_checkout_opens_and_comes_back_to_a_full_basket(street, page):
    troubles = []
    page.context.on("console", lambda message: troubles.append(message.text) if message.type in {"error", "warning"} else None)
    street.start("web", "shop")
    Merchant.objects.filter(name="Nordlys Lamps").update(origins=[street.url])
    page.goto(f"{street.url}/nordlys/products/pebble")
    page.get_by_role("button", name="Add to basket").click()
    page.goto(f"{street.url}/nordlys/details?as=demo")

    page.get_by_role("radio", name="in this page").check()
    page.get_by_role("button", name="Pay in installments").click()
    frame = page.frame_locator("iframe[title='Pay in installments']")
    frame.get_by_role("heading", level=1).wait_for()
    page.wait_for_function("() => document.querySelector('#checkout-here > div').offsetHeight !== 640")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    frame.get_by_role("link", name="Back to Nordlys Lamps").click()
    page.get_by_text("Your basket is as you left it").wait_for()
    assert page.get_by_label("Full name").input_value() == "Anna Lindholm"

    page.get_by_role("radio", name="in a window").check()
    with page.context.expect_page() as opening:
        page.get_by_role("button", name="Pay in installments").click()
    window = opening.value
    window.get_by_role("heading", level=1).wait_for()
    checkout = street.call("GET", "checkouts")["data"][0]
    assert checkout["id"] in window.url
    street.complete(checkout["id"])
    window.close()
    # The window told nothing, and yet the shop's server knows.
    page.get_by_role("heading", name="Thank you, Anna").wait_for()

    page.goto(f"{street.url}/nordlys/products/pebble")
    page.get_by_role("button", name="Add to basket").click()
    page.goto(f"{street.url}/nordlys/details")
    page.get_by_role("radio", name="in a window").check()
    page.get_by_label("City").fill("")
    page.get_by_role("button", name="Pay in installments").click()
    page.get_by_text("Enter your city.").wait_for()
    assert [text for text in troubles if "favicon" not in text] == []
