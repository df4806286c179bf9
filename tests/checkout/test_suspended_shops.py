"""A suspended shop sells nothing and is paid nothing; what it has sold goes on. What holds an order is a term of the shop."""

from datetime import timedelta

import pytest

from checkout import services as checkouts
from checkout.errors import ShopSuspended
from checkout.models import Checkout, Order
from core import relay
from core.errors import Conflict, Invalid
from merchants import services as merchants
from merchants.models import AccountChange, Settlement
from merchants.services import update_terms
from notifications.models import Message
from tests.shops import join_team, open_shop

pytestmark = pytest.mark.django_db
BY = {"actor": "operator", "reason": "its goods do not arrive"}


def test_it_opens_no_checkouts_and_nobody_finishes_an_open_one(buy, merchant, at):
    opened = buy.open(merchant, 22_900)
    merchants.suspend_merchant(merchant_id=merchant.id, at=at, **BY)
    merchant.refresh_from_db()
    with pytest.raises(ShopSuspended):
        buy.open(merchant, 22_900)
    with pytest.raises(ShopSuspended):
        buy.finish(Checkout.objects.get(id=opened.id), "hal+approve@people.example")
    assert (Checkout.objects.count(), Order.objects.count()) == (1, 0)
    merchants.reopen_merchant(merchant_id=merchant.id, actor="operator", at=at)
    assert buy.finish(Checkout.objects.get(id=opened.id), "hal+approve@people.example").order.status == "authorized"


def test_running_orders_are_captured_and_refunded_and_payouts_wait(buy, merchant, at):
    order = buy(merchant, 22_900)
    merchants.suspend_merchant(merchant_id=merchant.id, at=at, **BY)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=22_900, actor="shop", at=at)
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=1_000, reason="scratched", actor="shop", at=at)
    day = timedelta(days=1)
    merchants.settle_merchants(at=at + day)
    held = Settlement.objects.latest("date")
    assert (held.held, held.payout, held.closing_minor > 0) == (True, None, True)
    merchants.reopen_merchant(merchant_id=merchant.id, actor="operator", at=at + day)
    merchants.settle_merchants(at=at + 2 * day)
    paid = Settlement.objects.latest("date")
    assert (paid.held, paid.payout.amount_minor, paid.closing_minor) == (False, held.closing_minor, 0)


def test_a_shop_without_a_bank_account_is_not_paid(buy, at):
    shop = open_shop(payout_destination="", at=at)
    order = buy(shop, 22_900)
    checkouts.capture_order(order_id=order.id, merchant=shop, amount_minor=22_900, actor="shop", at=at)
    merchants.settle_merchants(at=at + timedelta(days=1))
    held = Settlement.objects.get(merchant=shop)
    assert (held.held, held.payout, held.closing_minor > 0) == (True, None, True)
    update_terms(merchant=shop, changes={"payout_destination": "bank_1"}, actor="test", at=at)
    merchants.settle_merchants(at=at + timedelta(days=2))
    assert Settlement.objects.filter(merchant=shop).latest("date").payout.amount_minor == held.closing_minor


def test_its_team_is_told_and_the_history_says_who_and_why(merchant, at):
    member = join_team(merchant, "olga@shop.example", "viewer")
    merchants.suspend_merchant(merchant_id=merchant.id, at=at, **BY)
    merchants.reopen_merchant(merchant_id=merchant.id, actor="operator", at=at)
    relay.drain()
    found = Message.objects.filter(user=member.user, kind__startswith="shop_").order_by("id").values_list("kind", flat=True)
    assert list(found) == ["shop_suspended", "shop_reopened"]
    history = AccountChange.objects.filter(merchant=merchant, kind__in=["suspended", "reopened"]).order_by("number")
    assert [(one.kind, one.actor, one.detail) for one in history] == [
        ("suspended", "operator", {"reason": "its goods do not arrive"}),
        ("reopened", "operator", {}),
    ]


def test_it_is_suspended_once_and_with_a_reason(merchant, at):
    with pytest.raises(Invalid) as caught:
        merchants.suspend_merchant(merchant_id=merchant.id, actor="operator", reason=" ", at=at)
    assert list(caught.value.fields) == ["reason"]
    with pytest.raises(Conflict):
        merchants.reopen_merchant(merchant_id=merchant.id, actor="operator", at=at)
    merchants.suspend_merchant(merchant_id=merchant.id, at=at, **BY)
    with pytest.raises(Conflict):
        merchants.suspend_merchant(merchant_id=merchant.id, at=at, **BY)
    assert AccountChange.objects.filter(kind="suspended").count() == 1


def test_a_shop_s_terms_say_what_holds_an_order(buy, merchant, at):
    knives = [{"name": "Knife", "quantity": 1, "unit_amount": 5_000, "amount": 5_000, "category": "knives"}]
    assert buy.finish(buy.open(merchant, 5_000, items=knives), "hal+approve@people.example").order.status == "authorized"
    update_terms(merchant=merchant, changes={"held_categories": ["knives"], "max_quantity": 2}, actor="test", at=at)
    merchant.refresh_from_db()
    order = buy.finish(buy.open(merchant, 5_000, items=knives), "ida+approve@people.example").order
    assert (order.status, order.review.reason) == ("pending_review", "basket")
    many = [{"name": "Pen", "quantity": 3, "unit_amount": 1_000, "amount": 3_000}]
    assert buy.finish(buy.open(merchant, 3_000, items=many), "jon+approve@people.example").order.status == "pending_review"
