"""Every page of a purchase, looked at: accessible, nothing outside the window at 400 %, nothing that moves, no complaint on the console."""

import pytest

from checkout import services as checkouts
from checkout.models import Checkout, Order
from core import clock
from tests.browser.test_purchase import CARD, DETAILS, fill

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FORMS = {name: f"#{name}-form" for name in ("contact", "code", "details", "check", "plan", "card", "agree", "leave")}


def go_on(page, then: str = "") -> None:
    """Press the main button, and wait for the page with a form. What buttons say is the business of other tests."""
    page.locator(".checkout-foot .btn").click()
    if then:
        page.locator(FORMS[then]).wait_for(state="attached")


def enter(page, to: str, then: str) -> None:
    page.get_by_role("textbox").fill(to)
    go_on(page, "code")
    page.get_by_role("textbox").fill("111111")
    page.locator(FORMS[then]).wait_for(state="attached")


def save_card(page, number: str = "4242 4242 4242 4242") -> None:
    fill(page, CARD | {"Card number": number})
    page.locator("form button.main").click()


def test_a_new_persons_purchase(page, eyes, platform, shop_checkout, email, settings):
    checkout = shop_checkout()
    page.goto(f"{platform}/checkout/{checkout.public_id}")
    eyes.look(page, "contact")
    page.get_by_role("textbox").fill("nobody")
    go_on(page)
    page.locator(".field-error").wait_for()
    eyes.look(page, "contact with an error")
    page.get_by_role("textbox").fill(email("+approve"))
    go_on(page, "code")
    eyes.look(page, "code")
    page.get_by_role("textbox").fill("999999")
    page.locator(".field-error").wait_for()
    eyes.look(page, "code with an error")
    page.get_by_role("textbox").fill("111111")
    page.locator(FORMS["details"]).wait_for(state="attached")
    eyes.look(page, "details")
    go_on(page)
    page.locator(".field-error").first.wait_for()
    eyes.look(page, "details with errors")
    fill(page, DETAILS)
    go_on(page, "plan")
    eyes.look(page, "plans")
    go_on(page, "card")
    eyes.look(page, "no card yet")
    page.locator("main a[href*='/agreement']").click()
    page.locator("article.prose").wait_for()
    eyes.look(page, "agreement")
    page.go_back()
    go_on(page)
    page.wait_for_url("**/gateway/cards/*")
    eyes.look(page, "the gateway's card page")
    with eyes.refused(422):
        page.locator("form button.main").click()
        page.locator(".error").first.wait_for()
        eyes.look(page, "the gateway's card page with errors")
    with eyes.refused(402):
        save_card(page, "4000 0000 0000 0002")
        page.get_by_text("Try another card.").wait_for()
        eyes.look(page, "a card that is declined there")
    save_card(page, "4000 0025 0000 3155")
    page.wait_for_url("**/confirm")
    eyes.look(page, "the bank's question")
    page.get_by_role("button").first.click()
    page.locator(FORMS["agree"]).wait_for()
    eyes.look(page, "consent")
    go_on(page)
    page.wait_for_url("**/?from=shop&checkout=*")
    assert Order.objects.get(checkout=checkout).status == "authorized"
    for where, address in (
        ("done", f"{platform}/checkout/{checkout.public_id}"),
        ("returning", f"{platform}/checkout/{shop_checkout().public_id}"),
        ("mailbox", f"{settings.SANDBOX_URL}/mailbox/"),
        ("phone", f"{settings.SANDBOX_URL}/phone/"),
        ("sandbox", f"{settings.SANDBOX_URL}/"),
    ):
        page.goto(address)
        # The outside world is no part of the product: its fonts may come when they like.
        eyes.look(page, where, shifts=address.startswith(platform))


def test_the_ends_that_nobody_wants(page, eyes, platform, shop_checkout, email):
    refused = shop_checkout()
    page.goto(f"{platform}/checkout/{refused.public_id}")
    enter(page, email("+decline"), "details")
    fill(page, DETAILS)
    go_on(page, "leave")
    eyes.look(page, "refused")
    checkouts.cancel_checkout(checkout_id=refused.id, at=clock.now())
    expired = shop_checkout()
    Checkout.objects.filter(id=expired.id).update(expires_at=clock.now())
    with eyes.refused(410):
        for where, checkout in (("canceled", refused), ("expired", expired)):
            page.goto(f"{platform}/checkout/{checkout.public_id}")
            eyes.look(page, where)
    with eyes.refused(404):
        page.goto(f"{platform}/checkout/chk_nothing")
        eyes.look(page, "not found")


def test_the_pages_of_a_purchase_that_a_person_looks_at(page, eyes, platform, shop_checkout, email):
    for persona, then in (("+kyc_pending", ".skeleton"), ("+kyc_fail", FORMS["leave"])):
        page.goto(f"{platform}/checkout/{shop_checkout().public_id}")
        enter(page, email(persona), "details")
        fill(page, DETAILS)
        go_on(page)
        page.locator(then).first.wait_for(state="attached")
        eyes.look(page, persona)
        page.context.clear_cookies()
    held = shop_checkout(118_000)
    page.goto(f"{platform}/checkout/{held.public_id}")
    enter(page, email("+approve"), "details")
    fill(page, DETAILS)
    go_on(page, "plan")
    go_on(page, "card")
    go_on(page)
    save_card(page)
    page.locator(FORMS["agree"]).wait_for()
    eyes.look(page, "consent to be looked at")
    go_on(page)
    page.wait_for_url(f"**/checkout/{held.public_id}")
    eyes.look(page, "held")
    page.context.clear_cookies()
    page.reload()
    eyes.look(page, "completed by somebody else")
