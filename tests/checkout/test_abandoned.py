"""What is left behind half done: holds on cards are let go of, and one order that cannot be ended keeps no other open."""

import logging
from datetime import timedelta

import pytest

from checkout import services as checkouts
from checkout.models import Order
from checkout.services import authorizing, ending
from payments.models import Authorization
from payments.services import release_unused_authorizations
from simulation.shopper import card_of, identify
from tests.cast import last_click

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def cut_off(buy, merchant, at, monkeypatch):
    """A checkout whose last click was cut off between the hold on the card and the order."""
    checkout = buy.open(merchant, 22_900)
    consumer = identify(checkout=checkout, email="anna+approve@people.example", at=at)
    checkouts.decide(checkout_id=checkout.id, at=at)
    method = card_of(consumer, "4242424242424242", at)

    def confirm(product: str = "pay_in_4") -> Order:
        return last_click(checkout, consumer, product, method, at)

    def die(**_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(authorizing, "authorize_order", die)
        confirm()
    assert held() == 1
    return checkout, confirm


def held() -> int:
    return Authorization.objects.filter(status="succeeded", released_at=None).count()


def test_the_next_click_uses_the_same_hold(cut_off):
    _, confirm = cut_off
    order = confirm()
    assert (Authorization.objects.count(), order.authorization_id) == (1, Authorization.objects.get().id)


def test_another_plan_lets_go_of_it(cut_off, at):
    _, confirm = cut_off
    assert confirm("pay_in_30").authorization_id is None
    assert release_unused_authorizations(at=at) == 1
    assert held() == 0


def test_it_is_let_go_of_when_the_checkout_expires(cut_off, at):
    assert release_unused_authorizations(at=at) == 0
    assert checkouts.expire_checkouts(at=at + timedelta(hours=48)) == 1
    assert release_unused_authorizations(at=at + timedelta(hours=48)) == 1
    assert held() == 0


@pytest.mark.parametrize("way", ["cancel", "expire"])
def test_it_is_let_go_of_when_the_checkout_is_closed(cut_off, merchant, at, way):
    checkout, _ = cut_off
    if way == "cancel":
        checkouts.cancel_checkout(checkout_id=checkout.id, at=at)
    else:
        checkouts.expire_checkout(checkout_id=checkout.id, merchant=merchant, at=at)
    assert release_unused_authorizations(at=at) == 1
    assert held() == 0


def test_one_order_that_cannot_be_ended_keeps_no_other_open(buy, merchant, at, monkeypatch, caplog):
    caplog.set_level(logging.CRITICAL, "bnpl")
    orders = [buy(merchant, 9_000 + n, email=f"p{n}+approve@people.example") for n in range(3)]
    genuine = ending._expire_or_extend

    def fail_for_the_first(order: Order, at) -> None:
        genuine(order, at)
        if order.id == orders[0].id:
            raise RuntimeError("broken")

    monkeypatch.setattr(ending, "_expire_or_extend", fail_for_the_first)
    assert checkouts.expire_orders(at=at + timedelta(days=29)) == 2
    assert list(Order.objects.order_by("id").values_list("status", flat=True)) == ["authorized", "expired", "expired"]
    monkeypatch.undo()
    assert checkouts.expire_orders(at=at + timedelta(days=29)) == 1
