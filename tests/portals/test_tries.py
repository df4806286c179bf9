"""Who tries many cards reads how long to wait; whoever has paid with a card, or comes from elsewhere, goes on."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from accounts.models import User
from core.errors import TooMany
from payments import services as payments
from payments.errors import CardRefused
from payments.models import CardSetup, CardTry, PaymentMethod

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
            found = PaymentMethod.objects.filter(consumer=order.consumer, last4=card[-4:], blocked_at=None).first()
            method = found or payments.add_card(consumer=order.consumer, number=card, at=moment - timedelta(days=2))
        plan = Plan.objects.get(id=order.plan_id)
        return collection.pay_now(consumer=order.consumer, plan=plan, scope="next", method=method, actor="ann", at=moment)

    return pay


def test_an_operator_sees_who_tried_many(client, bought, moment):
    order = bought()
    try_cards(order.consumer, moment, 6)
    client.force_login(User.objects.create_superuser("boss@kvart.example", "demo-password", name="Ada Admin"))
    page = client.get(reverse("admin:payments_cardtry_changelist")).content.decode()
    assert page.count(order.consumer.public_id) >= 5
