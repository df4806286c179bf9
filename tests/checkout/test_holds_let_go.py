"""A hold that the first payment does not use is let go of at once, not when it lapses."""

from datetime import timedelta

import pytest

from checkout import services as checkouts
from collection import services as collection
from core import timers
from payments.models import Authorization, Charge
from plans import services as plans
from simulation import shopper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(buy, merchant):
    """An order of which the first of four payments is held on a card."""
    return buy(merchant, 22_900)


def capture(order, at):
    checkouts.capture_order(order_id=order.id, merchant=order.merchant, amount_minor=None, actor="test", at=at)


def held():
    return Authorization.objects.get()


def test_where_another_card_paid_first(order, at):
    plans.change_method(plan=order.plan, method=shopper.card_of(order.consumer, "5555555555554444", at), at=at)
    timers.run_until_quiet(at=at)
    assert held().release_wanted_at is None
    capture(order, at)
    timers.run_until_quiet(at=at)
    timers.run_until_quiet(at=at)
    assert (Charge.objects.get().authorization, held().used_at, held().released_at) == (None, None, at)


def test_where_the_person_paid_everything_at_once(order, at):
    capture(order, at)
    card = shopper.card_of(order.consumer, "5555555555554444", at)
    collection.pay_now(consumer=order.consumer, plan=order.plan, scope="all", method=card, actor="person", at=at)
    timers.run_until_quiet(at=at)
    timers.run_until_quiet(at=at)
    assert (held().used_at, held().released_at) == (None, at)


def test_where_all_was_refunded_before(order, at):
    capture(order, at)
    checkouts.refund_order(order_id=order.id, merchant=order.merchant, amount_minor=22_900, reason="", actor="test", at=at)
    timers.run_until_quiet(at=at)
    assert (Charge.objects.count(), held().released_at) == (0, at)


def test_not_while_the_first_payment_is_to_come(order, at):
    capture(order, at)
    checkouts.refund_order(order_id=order.id, merchant=order.merchant, amount_minor=1_000, reason="", actor="test", at=at)
    assert held().release_wanted_at is None
    timers.run_until_quiet(at=at)
    assert (Charge.objects.get().authorization_id, held().used_at) == (held().id, at)
    timers.run_until_quiet(at=at + timedelta(days=14))
    assert Charge.objects.count() == 2
