"""Who tries many cards reads how long to wait; whoever has paid with a card, or comes from elsewhere, goes on."""

import re
from datetime import timedelta
from html import unescape

import pytest
import requests
from django.conf import settings
from django.urls import reverse

from core.errors import TooMany
from payments import services as payments
from payments.errors import CardRefused
from payments.gateways.base import Notice
from payments.models import CardSetup, CardTry, PaymentMethod
from payments.services.setups import take_declined_setup
from tests.dates import CARD_ENDS
from tests.operators import make_boss
from tests.portals.reading import asked_again, hidden
from tests.portals.test_checkout_pages import at_plan, path, text, with_card

pytestmark = pytest.mark.django_db(transaction=True)


def try_cards(consumer, moment, count):
    for _ in range(count):
        with pytest.raises((CardRefused, TooMany)):
            payments.add_card(consumer=consumer, number="4000000000000002", at=moment)


def test_the_page_says_how_long_to_wait(client, sign_in, bought, moment):
    order = bought()
    sign_in(client, order.consumer)
    try_cards(order.consumer, moment, 40)
    answer = client.post("/payments/cards", {"next": "/payments"}, follow=True)
    page = unescape(answer.content.decode())
    assert "Too many cards were declined. Try again in " in page
    assert "or use a card that you have paid with before." in page
    assert (CardSetup.objects.count(), CardTry.objects.count()) == (0, 5)


def test_the_visit_remembers_from_where_it_was_and_nothing_else(client, sign_in, bought):
    order = bought()
    sign_in(client, order.consumer)
    assert client.post("/payments/cards", {"next": "/payments"}, REMOTE_ADDR="203.0.113.7").status_code == 303
    visit = CardSetup.objects.get()
    assert (len(visit.network_hash), len(visit.device_hash)) == (64, 64)
    assert "203.0.113.7" not in str(vars(visit))


def test_paying_with_card_after_card_stops_and_the_card_that_has_paid_still_may(client, sign_in, bought, moment, paid_with):
    order = bought(charge=True)
    good = order.plan.payment_method
    assert [paid_with(order, "4000000000000341").status for _ in range(5)] == ["failed"] * 5
    with pytest.raises(TooMany) as error:
        paid_with(order, "4000000000000341")
    assert error.value.retry_after_s <= 3600
    assert paid_with(order, good).status == "succeeded"


@pytest.fixture
def paid_with(moment):
    """Give a function that pays the next payment of an order with a card, by its number or as it is."""
    from collection import services as collection
    from plans.models import Plan

    def pay(order, card):
        method = card
        if isinstance(card, str):
            found = PaymentMethod.objects.filter(consumer=order.consumer, shown__last4=card[-4:], blocked_at=None).first()
            method = found or payments.add_card(consumer=order.consumer, number=card, at=moment - timedelta(days=2))
        plan = Plan.objects.get(id=order.plan_id)
        return collection.pay_now(consumer=order.consumer, plan=plan, scope="next", method=method, actor="ann", at=moment)

    return pay


def test_an_operator_sees_who_tried_many(client, bought, moment):
    order = bought()
    try_cards(order.consumer, moment, 6)
    client.force_login(make_boss("boss@kvart.example", "demo-password", name="Ada Admin"))
    page = client.get(reverse("admin:payments_cardtry_changelist")).content.decode()
    assert page.count(order.consumer.public_id) >= 5


NOTHING_SAVED = "No card was saved, and nothing was charged."
TOO_MANY = "Too many cards were declined. Try again in 60 minutes."


def visit_card_page(browser, at_path, sent, number, times):
    """Go to the card page, give a card that is declined so many times, and return the address that the page leads back to."""
    page = requests.get(browser.post(at_path, sent)["Location"], timeout=30)
    for _ in range(times):
        form = {"number": number, "expiry": CARD_ENDS, "cvc": "123", "postal_code": "10001"}
        answer = requests.post(page.url, data=form, allow_redirects=False, timeout=30)
    return answer.headers.get("Location", "").removeprefix(settings.BASE_URL)


def test_the_fifth_decline_on_the_card_page_says_at_once_why_how_long_and_what_can_be_done(client, open_checkout, email):
    checkout = open_checkout()
    at_plan(client, checkout, email("+approve"))
    back = visit_card_page(client, path(checkout, "card"), {"plan": "pay_in_4"}, "4000000000000002", 5)
    page = client.get(back, follow=True)
    assert CardTry.objects.count() == 5
    shown = text(page)
    assert NOTHING_SAVED in shown
    assert TOO_MANY in shown
    assert "paid with before" not in shown
    assert "Add a card" not in shown
    assert "You agree to it once" not in shown
    assert re.findall(r'<button[^>]*form="([\w-]+)"', page.content.decode()) == ["leave-form"]
    assert "Other ways to pay at Nordlys Lamps" in shown


def test_what_the_page_read_is_not_counted_again_when_the_gateway_tells_it(client, open_checkout, email, moment):
    checkout = open_checkout()
    at_plan(client, checkout, email("+approve"))
    assert visit_card_page(client, path(checkout, "card"), {"plan": "pay_in_4"}, "4000000000000002", 2) == ""
    visit = CardSetup.objects.get()
    payments.finish_setup(setup_id=visit.gateway_ref, consumer=visit.consumer, at=moment)
    for number in (1, 2):
        notice = Notice(f"msg_{number}", "setup.failed", visit.gateway_ref, "setup", declined=f"{visit.gateway_ref}.{number}")
        take_declined_setup(gateway=visit.gateway, notice=notice, at=moment)
    assert CardTry.objects.count() == 2


def test_the_fifth_decline_of_a_first_payment_says_how_long_to_wait(client, open_checkout, email):
    checkout = open_checkout()
    consumer = at_plan(client, checkout, email("+approve"))
    card = with_card(checkout, "4000000000000341")
    pages = []
    for _ in range(5):
        pay = client.get(path(checkout, "pay"), {"plan": "pay_in_4"})
        pages.append(asked_again(client.post(path(checkout, "confirm"), hidden(pay) | {"card": card.public_id})))
    assert ["Choose another card, or ask your bank." in text(page) for page in pages] == [True] * 4 + [False]
    assert "Your card was declined. Nothing was charged." in text(pages[-1])
    assert TOO_MANY in text(pages[-1])
    assert "Use another card" not in text(pages[-1])
    assert re.findall(r'<button[^>]*form="([\w-]+)"', pages[-1].content.decode()) == ["leave-form"]
    # Nothing is charged now under this plan, so that the card is not tried.
    later = text(client.get(path(checkout, "pay"), {"plan": "pay_in_30"}))
    assert "Agree" in later
    assert consumer.credit_lines.get().used_minor == 0


def test_who_has_to_wait_may_pay_with_a_card_that_has_paid(client, sign_in, bought, moment):
    order = bought(charge=True)
    sign_in(client, order.consumer)
    other = payments.add_card(consumer=order.consumer, number="4000000000000341", at=moment - timedelta(days=2))
    try_cards(order.consumer, moment, 5)
    page = client.get(f"/purchases/{order.public_id}/pay", {"card": other.public_id})
    shown = page.content.decode()
    assert "or use a card that you have paid with before." in shown
    assert "Add a card" not in shown
    assert page.context["chosen"] == order.plan.payment_method.public_id
    assert [card["disabled"] for card in page.context["cards"]] == [card["value"] == other.public_id for card in page.context["cards"]]
    wallet = client.get("/payments").content.decode()
    assert "Add a card" not in wallet
    assert "Too many cards were declined. Try again in 60 minutes" in wallet
