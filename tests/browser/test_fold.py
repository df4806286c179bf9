"""What decides is in sight: the main button and the consent, without scrolling, on a desk and on a phone."""

import pytest
from django.test import Client

from core.clock import wall
from payments import services as payments
from tests.browser.test_walk_portals import consumer_session
from tests.portals.test_checkout_pages import at_plan, path

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
# The box of what somebody sees of an element, and what of it something else covers.
COVERED = """(one) => { const box = one.getBoundingClientRect();
  const sides = [box.left + 4, box.right - 4], edges = [box.top + 2, box.bottom - 2];
  const clear = (seen) => seen && (one.contains(seen) || seen.contains(one));
  return sides.flatMap((x) => edges.filter((y) => !clear(document.elementFromPoint(x, y))));
}"""


def in_sight(page, locator) -> None:
    locator.wait_for()
    box, height = locator.bounding_box(), page.viewport_size["height"]
    assert box is not None
    assert box["y"] >= 0, box
    assert box["y"] + box["height"] <= height, (box, height)
    assert locator.evaluate(COVERED) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("plan", ["pay_in_4", "monthly_12"])
def test_the_main_button_and_the_consent_are_in_sight(page, platform, shop_checkout, email, size, plan):
    checkout, browser = shop_checkout(40_000), Client()
    consumer = at_plan(browser, checkout, email("+approve"))
    payments.add_card(consumer=consumer, number="4242424242424242", at=wall())
    page.context.add_cookies([{"name": name, "value": one.value, "url": platform} for name, one in browser.cookies.items()])
    page.set_viewport_size(SIZES[size])
    button, consent = page.locator(".checkout-foot .btn"), page.locator(".checkout-consent")
    page.goto(f"{platform}{path(checkout)}?plan={plan}")
    in_sight(page, button)
    page.goto(f"{platform}{path(checkout, 'pay')}?plan={plan}")
    in_sight(page, button)
    in_sight(page, consent)
    in_sight(page, consent.get_by_role("link"))
    # The last line of the page is not under the bar either.
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    in_sight(page, page.locator("main .checkout-note").last)
    page.goto(f"{platform}{path(checkout, 'agreement')}?plan={plan}")
    in_sight(page, button)


def test_the_languages_at_the_end_of_a_page_are_not_under_the_bar_of_a_phone(page, platform, buy, merchant, email):
    order = buy(merchant, 40_000, email=email("+approve"))
    page.context.add_cookies([{"name": "bnpl_session", "value": consumer_session(order.consumer), "url": platform}])
    page.set_viewport_size(SIZES["phone"])
    for where in ("/home", f"/purchases/{order.public_id}"):
        page.goto(f"{platform}{where}")
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        in_sight(page, page.locator(".languages button").last)
