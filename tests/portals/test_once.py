"""One press, one payment: forms that move money are sent again, and at once, by real requests on connections of their own."""

import time
from collections import Counter

import pytest
from django.test import Client

from checkout.models import Capture, Order, Refund
from core.models import IdempotentAnswer
from core.once import FIELD
from payments import services as payments
from payments.models import Authorization, Charge
from plans.models import Installment
from tests.portals.merchant.conftest import join
from tests.portals.reading import asked_again, hidden, text_of
from tests.portals.test_checkout_pages import at_plan, path

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paying(bought, sign_in):
    """Give a purchase whose first payment is paid, its address for paying, the page, and a function that sends its form in a new tab."""
    order = bought(22_900, charge=True)
    browser = sign_in(Client(), order.consumer)
    address = f"/purchases/{order.public_id}/pay"
    page = browser.get(address)
    sent = hidden(page) | {"scope": "next", "card": order.plan.payment_method.public_id}

    def send(**changes: str):
        tab = Client()
        tab.cookies = browser.cookies
        return tab.post(address, sent | changes)

    return order, browser, send


def taken(order) -> list[int]:
    return list(Charge.objects.filter(reference=order.plan.public_id).order_by("id").values_list("amount_minor", flat=True))


def paid_numbers(order) -> list[int]:
    return list(Installment.objects.filter(plan=order.plan, status="paid").order_by("number").values_list("number", flat=True))


def test_a_form_that_is_sent_again_answers_its_first_payment(paying):
    order, browser, send = paying
    answers = []
    for _ in range(3):
        answers.append(send()["Location"])
        time.sleep(0.3)
    assert len(set(answers)) == 1
    assert taken(order) == [5_725, 5_725]
    assert paid_numbers(order) == [1, 2]
    assert "Paid" in text_of(browser.get(answers[0]))


@pytest.mark.parametrize("apart_s", [0.0, 0.05, 0.3, 1.0])
def test_two_presses_take_one_payment(paying, at_once, apart_s):
    order, _browser, send = paying

    def press(number: int):
        time.sleep(number * apart_s)
        return send()["Location"]

    answers = at_once(2, press)
    assert len(set(answers)) == 1, answers
    assert taken(order) == [5_725, 5_725]
    assert paid_numbers(order) == [1, 2]


def test_eight_presses_take_one_payment(paying, at_once):
    order, _browser, send = paying
    assert len(set(at_once(8, lambda _number: send()["Location"]))) == 1
    assert taken(order) == [5_725, 5_725]


def test_forms_of_two_tabs_are_two_wishes_of_which_one_is_old(paying, at_once):
    """Two tabs showed the same payment: the second form names what is paid already, and takes nothing further."""
    order, browser, send = paying
    other = hidden(browser.get(f"/purchases/{order.public_id}/pay"))
    first = send()["Location"]
    second = send(**{FIELD: other[FIELD]})
    assert second["Location"] != first
    assert "What is to be paid changed since you looked." in text_of(asked_again(second))
    assert taken(order) == [5_725, 5_725]
    raced = at_once(4, lambda number: send(**{FIELD: f"tab-{number}"})["Location"])
    assert Counter("again=" in place for place in raced) == {True: 4}
    assert taken(order) == [5_725, 5_725]


def test_a_key_is_bound_to_what_it_pays(paying, moment):
    order, _browser, send = paying
    other = payments.add_card(consumer=order.consumer, number="5555555555554444", at=moment)
    send()
    for change in ({"card": other.public_id}, {"scope": "all"}, {"seen_next": "3:5725"}):
        assert "already sent with other values" in text_of(asked_again(send(**change)))
    assert "This page was too old" in text_of(asked_again(send(**{FIELD: ""})))
    assert taken(order) == [5_725, 5_725]


def test_a_refused_payment_that_is_sent_again_asks_the_card_once(paying, moment):
    order, browser, send = paying
    empty = payments.add_card(consumer=order.consumer, number="4000000000009995", at=moment)
    answers = {send(card=empty.public_id)["Location"] for _ in range(3)}
    assert len(answers) == 1
    assert "There was not enough money on the card." in text_of(browser.get(answers.pop()))
    assert Charge.objects.filter(reference=order.plan.public_id, status="failed").count() == 1


def test_another_person_cannot_use_the_key(paying, bought, sign_in):
    order, _browser, send = paying
    sent = IdempotentAnswer.objects.count()
    send()
    assert IdempotentAnswer.objects.count() == sent + 1
    other = bought(22_900, charge=True)
    thief = sign_in(Client(), other.consumer)
    key = IdempotentAnswer.objects.order_by("-id").first().key
    mine = hidden(thief.get(f"/purchases/{other.public_id}/pay"))
    thief.post(f"/purchases/{other.public_id}/pay", mine | {"scope": "next", "card": other.plan.payment_method.public_id, FIELD: key})
    assert paid_numbers(other) == [1, 2]
    assert paid_numbers(order) == [1, 2]


def test_two_presses_of_consent_make_one_order_and_one_hold(client, open_checkout, email, at_once, moment):
    checkout = open_checkout()
    consumer = at_plan(client, checkout, email("+approve"))
    card = payments.add_card(consumer=consumer, number="4242424242424242", at=moment)
    sent = hidden(client.get(path(checkout, "pay"), {"plan": "pay_in_4"})) | {"card": card.public_id}

    def press(number: int):
        tab = Client()
        tab.cookies = client.cookies
        time.sleep(number * 0.05)
        return tab.post(path(checkout, "confirm"), sent)["Location"]

    answers = at_once(4, press)
    assert len(set(answers)) == 1, answers
    assert Order.objects.count() == 1
    assert Authorization.objects.count() == 1


def test_a_declined_consent_that_is_sent_again_asks_the_card_once(client, open_checkout, email, moment):
    checkout = open_checkout()
    consumer = at_plan(client, checkout, email("+approve"))
    card = payments.add_card(consumer=consumer, number="4000000000009995", at=moment)
    sent = hidden(client.get(path(checkout, "pay"), {"plan": "pay_in_4"})) | {"card": card.public_id}
    for _ in range(3):
        page = asked_again(client.post(path(checkout, "confirm"), sent))
        assert "Your card was declined. Nothing was charged." in text_of(page)
    assert Authorization.objects.count() == 1
    assert Order.objects.count() == 0
    # The page that asks again has a key of its own: the person may try the same card again.
    client.post(path(checkout, "confirm"), hidden(page) | {"card": card.public_id})
    assert Authorization.objects.count() == 2


@pytest.mark.parametrize("form", ["capture", "refund"])
def test_two_presses_of_a_shop_move_money_once(buy, merchant, moment, at_once, form):
    from checkout import services as checkouts

    order, browser = buy(merchant, 22_900, moment), Client()
    browser.force_login(join(merchant, "owner"), backend="django.contrib.auth.backends.ModelBackend")
    address, model = f"/merchant/orders/{order.public_id}/{form}", {"capture": Capture, "refund": Refund}[form]
    sent = {"amount": "50"}
    if form == "refund":
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=moment)
        page = asked_again(browser.post(address, sent | {"step": "preview"}))
        sent |= {"step": "confirm", "reason": ""}
    else:
        page = browser.get(address)
    sent = hidden(page) | sent

    def press(number: int):
        tab = Client()
        tab.cookies = browser.cookies
        time.sleep(number * 0.05)
        return tab.post(address, sent)["Location"]

    answers = at_once(4, press)
    assert set(answers) == {f"/merchant/orders/{order.public_id}"}
    assert list(model.objects.values_list("amount_minor", flat=True)) == [5_000]
