"""The story of a purchase in a real browser: as a new and as a returning person, with and without JavaScript, to the last payment."""

import re

import pytest

from checkout import services as checkouts
from checkout.models import Checkout, Order
from core import clock
from payments.models import PaymentMethod
from tests.dates import CARD_ENDS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DETAILS = {
    "Full name": "Anna Nielsen",
    "Date of birth": "1990-05-31",
    "Street and number": "1 Main St",
    "ZIP code": "10001",
    "City": "New York",
    "State": "NY",
}
CARD = {"Card number": "4242 4242 4242 4242", "Expires": CARD_ENDS, "Security code": "123", "Postal code": "10001"}


def fill(page, fields: dict[str, str]) -> None:
    for label, value in fields.items():
        page.get_by_label(label, exact=True).fill(value)


def press(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def enter_code(page) -> None:
    """Type the code: the sixth digit sends it where there is a script."""
    field = page.get_by_label("Code", exact=True)
    field.wait_for()
    page.wait_for_load_state()
    scripted = page.locator("html.js").count()
    field.fill("111111")
    if not scripted:
        press(page, "Continue")


def enter(page, to: str) -> None:
    page.get_by_label("E-mail or mobile number").fill(to)
    press(page, "Send me a code")
    enter_code(page)


def heading(page, name: str) -> None:
    page.get_by_role("heading", level=1, name=name).wait_for()


def come_to_agree(page, address: str, to: str, plan_button: str) -> None:
    """Go through a checkout as a new person, with a new card, to the page on which one agrees."""
    page.goto(address)
    enter(page, to)
    heading(page, "Who are you?")
    fill(page, DETAILS)
    press(page, "See my plans")
    heading(page, "How do you want to pay?")
    press(page, plan_button)
    heading(page, "Check and agree")
    press(page, "Add a card")
    heading(page, "Add a card")
    fill(page, CARD)
    press(page, "Save card")
    heading(page, "Check and agree")
    assert page.get_by_role("radio", name="Visa").is_checked()


def buy_as_new(page, address: str, to: str, plan_button: str) -> None:
    come_to_agree(page, address, to, plan_button)
    press(page, "Agree and pay $57.25 when it ships")
    page.wait_for_url("**/?from=shop&checkout=*")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_new_person_buys_and_is_back_in_the_shop(request, platform, shop_checkout, email, script):
    page = request.getfixturevalue("page" if script else "plain_page")
    checkout = shop_checkout()
    to = email("+approve")
    buy_as_new(page, f"{platform}/checkout/{checkout.public_id}", to, "Continue with 4 payments")
    order = Order.objects.get(checkout=checkout)
    assert page.url.endswith(f"?from=shop&checkout={checkout.public_id}&order={order.public_id}")
    assert (order.status, order.consumer.email, order.plan.product.code) == ("authorized", to, "pay_in_4")
    assert PaymentMethod.objects.get().last4 == "4242"


def test_a_returning_person_needs_two_presses_after_the_code(page, browser, platform, shop_checkout, email):
    to = email("+approve")
    buy_as_new(page, f"{platform}/checkout/{shop_checkout().public_id}", to, "Continue with 4 payments")
    other = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    second = shop_checkout(10_000)
    other.goto(f"{platform}/checkout/{second.public_id}")
    enter(other, to)
    press(other, "Continue with 4 payments")
    press(other, "Agree and pay $25.00 when it ships")
    other.wait_for_url("**/?from=shop&checkout=*")
    other.context.close()
    assert Order.objects.get(checkout=second).status == "authorized"


def test_leaving_the_card_page_charges_and_saves_nothing(page, platform, shop_checkout, email):
    page.goto(f"{platform}/checkout/{shop_checkout().public_id}")
    enter(page, email("+approve"))
    fill(page, DETAILS)
    press(page, "See my plans")
    press(page, "Continue with 4 payments")
    press(page, "Add a card")
    press(page, "Go back without a card")
    page.get_by_text("No card was saved, and nothing was charged.").wait_for()
    assert PaymentMethod.objects.count() == 0


def test_a_refused_person_goes_back_to_the_shops_other_ways_to_pay(page, platform, shop_checkout, email):
    checkout = shop_checkout()
    page.goto(f"{platform}/checkout/{checkout.public_id}")
    enter(page, email("+decline"))
    fill(page, DETAILS)
    press(page, "See my plans")
    heading(page, "We cannot offer you a plan this time")
    press(page, "Other ways to pay at Nordlys Lamps")
    page.wait_for_url("**/mailbox/")
    assert Checkout.objects.get(id=checkout.id).status == "canceled"


def test_the_purchase_is_paid_off_in_the_portal(page, platform, shop_checkout, email):
    checkout = shop_checkout()
    to = email("+approve")
    buy_as_new(page, f"{platform}/checkout/{checkout.public_id}", to, "Continue with 4 payments")
    order = Order.objects.get(checkout=checkout)
    checkouts.capture_order(order_id=order.id, merchant=order.merchant, amount_minor=None, actor="test", at=clock.now())
    page.goto(f"{platform}/home")
    page.get_by_role("link", name="Pay now").click()
    page.get_by_role("radio", name="Everything that is left").check()
    press(page, "Pay $229.00")
    page.get_by_text("Your purchase at Nordlys Lamps is paid in full.").wait_for()
    page.get_by_role("link", name="See the plan").click()
    paid = page.get_by_text(re.compile("Paid .* · Visa"))
    paid.nth(3).wait_for()
    assert paid.count() == 4
    order.plan.refresh_from_db()
    assert order.plan.status == "completed"
    page.get_by_role("link", name="Payments").last.click()
    press(page, "Add a card")
    heading(page, "Add a card")
    fill(page, CARD | {"Card number": "5555 5555 5555 4444"})
    press(page, "Save card")
    page.get_by_text("Mastercard ···· 4444 is saved").wait_for()
