"""Daily figures and what a merchant's overview makes of them."""

from datetime import date, timedelta

import pytest

from checkout import services as checkouts
from checkout.events import CheckoutOpened, OrderCaptured, OrderRefunded, StepReached
from checkout.models import OrderReview
from core.db import unit
from core.outbox import append
from core.relay import drain
from reports.models import MerchantDay, ProductDay
from reports.queries import merchant_overview
from reports.rules import Totals, change_bps, share_bps
from reports.services import add_to_day
from tests.api.counting import statements
from tests.shops import AT, open_shop


@pytest.fixture
def shop(db):
    return open_shop()


def test_figures_are_added_to_the_merchants_own_day(shop):
    late = AT.replace(hour=3)
    add_to_day(merchant_id=shop.id, at=late, opened=2)
    add_to_day(merchant_id=shop.id, at=AT, opened=1, captured_minor=500)
    add_to_day(merchant_id=shop.id, at=AT, opened=1)
    assert list(MerchantDay.objects.order_by("date").values_list("date", "opened", "captured_minor")) == [
        (date(2026, 11, 21), 2, 0),
        (date(2026, 11, 22), 2, 500),
    ]
    with pytest.raises(TypeError):
        add_to_day(merchant_id=shop.id, at=AT, opend=1)


@pytest.mark.django_db(transaction=True)
def test_events_are_counted_once():
    shop = open_shop()
    who = {"checkout": "chk_1", "merchant": shop.public_id}
    order = {"order": "ord_1", "merchant": shop.public_id}
    with unit():
        append(
            CheckoutOpened(**who),
            StepReached(**who, step="identified"),
            StepReached(**who, step="declined"),
            at=AT,
        )
    from reports import handlers

    handlers.on_order_captured(OrderCaptured(**order, capture="cap_1", plan="pln_1", amount_minor=900), at=AT)
    handlers.on_order_refunded(OrderRefunded(**order, refund="ref_1", amount_minor=300), at=AT)
    drain()
    drain()
    day = MerchantDay.objects.get()
    assert (day.opened, day.identified, day.approved, day.declined) == (1, 1, 0, 1)
    assert (day.captured_minor, day.refunded_minor, day.refunds) == (900, 300, 1)


@pytest.mark.parametrize("released", [False, True])
@pytest.mark.django_db(transaction=True)
def test_a_sale_that_comes_to_nothing_is_taken_from_its_day(buy, merchant, released):
    """One is voided, one of three sends a part and lets the rest expire or go, one stays: all sold on one day, ended on others."""
    voided, partly, kept = (buy(merchant, amount) for amount in (10_000, 20_000, 40_000))
    drain()
    day = AT + timedelta(days=1)
    checkouts.void_order(order_id=voided.id, merchant=merchant, actor="test", at=day)
    checkouts.capture_order(order_id=partly.id, merchant=merchant, amount_minor=5_000, actor="test", at=day)
    checkouts.capture_order(order_id=kept.id, merchant=merchant, amount_minor=None, actor="test", at=day)
    partly.refresh_from_db()
    if released:
        checkouts.release_order(order_id=partly.id, merchant=merchant, actor="test", at=day)
    checkouts.expire_orders(at=partly.expires_at)
    drain()
    seen = merchant_overview(merchant, AT)
    assert (seen.now.completed, seen.now.sales_minor, seen.now.average_order_minor, seen.now.left) == (2, 45_000, 22_500, 0)
    assert [(row.code, row.orders, row.sales_minor) for row in seen.products] == [("pay_in_4", 2, 45_000)]
    assert [(row.completed, row.sales_minor) for row in MerchantDay.objects.filter(date__gt=AT.date())] == [(0, 0)]


@pytest.mark.django_db(transaction=True)
def test_nobody_whose_order_is_in_review_has_left(buy, merchant, operators):
    """Three are held: one waits, one is approved days later, one is voided while it waits."""
    waiting, approved, given_up = (buy(merchant, 118_000, email=f"{n}+approve@people.example") for n in range(3))
    drain()
    assert (figures(merchant).left, figures(merchant).completed) == (0, 0)
    later = AT + timedelta(days=2)
    review = OrderReview.objects.get(order=approved)
    first, second = operators
    checkouts.prepare_review(review_id=review.id, user=first, recommendation="approve", note="Fine.", at=later)
    checkouts.approve_review(review_id=review.id, user=second, reason="Fine.", seen=1, at=later)
    checkouts.void_order(order_id=given_up.id, merchant=merchant, actor="test", at=later)
    drain()
    seen = merchant_overview(merchant, later).now
    assert (seen.approved, seen.finished, seen.left, seen.completed, seen.sales_minor) == (3, 3, 0, 1, 118_000)
    assert waiting.status == "pending_review"


def figures(merchant) -> Totals:
    return merchant_overview(merchant, AT).now


def test_overview_compares_with_the_days_before(shop):
    for days, sales in [(0, 10_000), (29, 5_000), (30, 6_000), (59, 4_000), (60, 99)]:
        add_to_day(merchant_id=shop.id, at=AT - timedelta(days=days), completed=1, sales_minor=sales, approved=3, declined=1, opened=5)
    ProductDay.objects.create(merchant=shop, date=AT.date(), product_code="pay_in_4", orders=1, sales_minor=10_000)
    with statements() as used:
        seen = merchant_overview(shop, AT)
    assert (seen.start, seen.end, len(seen.days)) == (date(2026, 10, 24), date(2026, 11, 22), 30)
    assert (seen.now.sales_minor, seen.before.sales_minor, seen.sales_change_bps) == (15_000, 10_000, 5_000)
    assert (seen.now.average_order_minor, seen.now.approval_rate_bps, seen.approval_change_bps) == (7_500, 7_500, 0)
    assert seen.funnel == [("Opened", 10), ("Identified", 0), ("Approved", 6), ("Completed", 2)]
    assert [(row.code, row.orders) for row in seen.products] == [("pay_in_4", 1)]
    assert (seen.payout.amount_minor, seen.to_capture, seen.in_review) == (0, 0, 0)
    assert len(used) == 6


def test_empty_overview_divides_by_nothing(shop):
    seen = merchant_overview(shop, AT)
    assert (seen.sales_change_bps, seen.approval_change_bps, seen.now.average_order_minor) == (None, None, 0)
    assert Totals().approval_rate_bps is None


@pytest.mark.parametrize(("part", "whole", "bps"), [(1, 3, 3_333), (2, 3, 6_667), (0, 5, 0), (5, 5, 10_000), (1, 0, None)])
def test_shares_are_rounded_half_up(part, whole, bps):
    assert share_bps(part, whole) == bps


def test_change_may_be_a_loss():
    assert (change_bps(90, 100), change_bps(200, 100), change_bps(1, 0)) == (-1_000, 10_000, None)
