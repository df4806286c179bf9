"""Every page of the demo shop, looked at, with the widget on it."""

import pytest

from tests.shop.conftest import customer, street  # noqa: F401  (fixtures)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_shops(page, eyes, street):  # noqa: F811
    street.start("web", "shop")

    def look(*paths: str) -> None:
        for path in paths:
            page.goto(street.url + path)
            if page.locator("pay-in-installments").count():
                page.locator("pay-in-installments button").first.wait_for(state="attached")
            # The shop's own fonts and the widget's answer may come late; nothing is pressed before.
            eyes.look(page, path, shifts=False)

    look("/", "/nordlys/", "/trailhead/", "/trailhead/products/hede", "/nordlys/basket", "/nordlys/orders", "/nordlys/products/arc")
    page.get_by_role("button", name="See the dates").click()
    eyes.look(page, "the widget's dialog", shifts=False)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add to basket").click()
    page.wait_for_url("**/basket")
    look("/nordlys/basket", "/nordlys/details?as=demo")
    page.get_by_label("City").fill("")
    page.get_by_role("button", name="Pay in installments").click()
    page.locator(".fault").wait_for()
    assert page.url.endswith("/details?again=1")
    eyes.look(page, "details with an error", shifts=False)
    page.get_by_label("City").fill("Portland")
    page.get_by_role("button", name="Pay in installments").click()
    page.wait_for_url("**/checkout/chk_*")
    checkout = street.call("GET", "checkouts")["data"][0]
    street.complete(checkout["id"])
    page.goto(checkout["urls"]["confirmation"])
    page.get_by_role("heading", level=1, name="Thank you").wait_for()
    eyes.look(page, "order", shifts=False)
    look("/nordlys/orders")
    with eyes.refused(404):
        look("/nordlys/nothing/here")
