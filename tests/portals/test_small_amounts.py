"""What a consumer sees of payments that are too small to be charged by themselves."""

from datetime import timedelta

import pytest

from checkout import services as checkouts
from collection import services as collection
from payments.texts import failure_text
from portals.consumer.wording import next_text
from tests.portals.test_consumer_pages import text

pytestmark = pytest.mark.django_db


def test_a_payment_that_waits_is_not_late_and_comes_with_the_next(client, sign_in, buy, merchant, moment):
    order = buy(merchant, 100, moment)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=moment)
    collection.run_due(at=moment)
    later = moment + timedelta(days=3)
    collection.mark_overdue(at=later)
    sign_in(client, order.consumer)
    shown = text(client.get(f"/purchases/{order.public_id}"))
    assert "Too small to be charged by itself. It is taken with the next payment." in shown
    assert "Late" not in shown
    home = text(client.get("/home"))
    assert "2 of 4" in home
    assert "$0.50" in home
    assert "1 of 4" not in home
    pay = text(client.get(f"/purchases/{order.public_id}/pay"))
    assert "The next payments" in pay
    assert "1, 2 of 4 together: less cannot be charged to a card" in pay


def test_what_is_too_small_in_all_cannot_be_paid_and_is_told_when_it_is_let_go(client, sign_in, buy, merchant, moment):
    order = buy(merchant, 8_010, moment)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=moment)
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=1_990, reason="", actor="test", at=moment)
    for day in (0, 14, 28):
        collection.run_due(at=moment + timedelta(days=day))
    sign_in(client, order.consumer)
    assert "Pay now" not in text(client.get(f"/purchases/{order.public_id}"))
    assert client.get(f"/purchases/{order.public_id}/pay").status_code == 302
    collection.run_due(at=moment + timedelta(days=42))
    shown = text(client.get(f"/purchases/{order.public_id}"))
    assert "You do not have to pay $0.11" in shown
    assert "That is too little to charge a card." in shown
    assert "Paid in full" in shown


def test_a_charge_that_was_too_small_is_said_in_words():
    assert failure_text("amount_too_small") == "It is less than can be charged to a card."
    assert next_text("amount_too_small") == "You do not have to do anything. It is taken with the next payment."
