"""Orders: authorized, captured, refunded, voided, extended, expired; each to the minor unit."""

from datetime import timedelta

import pytest

from checkout import services as checkouts
from checkout.models import Capture, Order, Refund
from core.errors import Conflict, Invalid, NotFound
from credit.models import CreditLine
from ledger.queries import balance
from plans.models import Installment, Plan
from tests.cast import last_click


def used(order: Order) -> int:
    return CreditLine.objects.get(consumer_id=order.consumer_id, currency=order.currency).used_minor


def amounts(order: Order) -> list[tuple[int, int, str]]:
    return [(row.number, row.amount_minor, row.status) for row in Installment.objects.filter(plan=order.plan_id).order_by("number")]


def capture(order: Order, at, amount: int | None = None) -> Capture:
    return checkouts.capture_order(order_id=order.id, merchant=order.merchant, amount_minor=amount, actor="test", at=at)


def refund(order: Order, at, amount: int, **how):
    return checkouts.refund_order(order_id=order.id, merchant=order.merchant, amount_minor=amount, reason="", actor="test", at=at, **how)


def test_an_authorized_order_owes_nothing_and_reserves_the_limit(buy, merchant, at):
    order = buy(merchant, 22_900)
    assert (order.status, order.captured_minor, order.remaining_authorized_minor) == ("authorized", 0, 22_900)
    assert order.expires_at == at + timedelta(days=28)
    assert used(order) == 22_900
    assert amounts(order) == []
    plan = Plan.objects.get(id=order.plan_id)
    assert plan.status == "pending"
    assert [row["principal_minor"] for row in plan.agreed["installments"]] == [5_725, 5_725, 5_725, 5_725]
    assert [row["due_date"] for row in plan.agreed["installments"]] == ["2026-11-22", "2026-12-06", "2026-12-20", "2027-01-03"]


def test_finishing_a_checkout_twice_makes_one_order(buy, merchant):
    checkout = buy.open(merchant, 22_900)
    first = buy.finish(checkout)
    consumer = first.order.consumer
    method = consumer.payment_methods.get()
    again = last_click(checkout, consumer, "pay_in_4", method, checkout.created_at)
    assert again.id == first.order.id
    assert Order.objects.count() == 1
    assert used(first.order) == 22_900


def test_capture_starts_the_plan_and_credits_the_shop_less_the_fee(buy, merchant, at):
    order = buy(merchant, 22_900)
    capture(order, at)
    order.refresh_from_db()
    assert (order.status, order.captured_minor, order.expires_at) == ("captured", 22_900, None)
    assert amounts(order) == [(1, 5_725, "scheduled"), (2, 5_725, "scheduled"), (3, 5_725, "scheduled"), (4, 5_725, "scheduled")]
    assert balance(kind="receivable", owner=order.plan.public_id, currency="USD") == 22_900
    assert balance(kind="merchant_payable", owner=merchant.public_id, currency="USD") == -(22_900 - 916)
    assert used(order) == 22_900


def test_each_partial_capture_has_its_own_dates(buy, merchant, at):
    order = buy(merchant, 20_000)
    capture(order, at, 8_000)
    order.refresh_from_db()
    assert (order.status, order.remaining_authorized_minor) == ("partially_captured", 12_000)
    later = at + timedelta(days=3)
    capture(order, later, 12_000)
    order.refresh_from_db()
    assert order.status == "captured"
    rows = Installment.objects.filter(plan=order.plan_id).order_by("number")
    assert [(row.part, row.amount_minor) for row in rows] == [(1, 2_000)] * 4 + [(2, 3_000)] * 4
    assert [row.due_date.isoformat() for row in rows][4:] == ["2026-11-25", "2026-12-09", "2026-12-23", "2027-01-06"]


def test_capture_beyond_what_is_left_changes_nothing(buy, merchant, stranger, at):
    order = buy(merchant, 20_000)
    with pytest.raises(Invalid) as error:
        capture(order, at, 20_001)
    assert error.value.fields == {"amount": "at most 20000"}
    with pytest.raises(NotFound):
        checkouts.capture_order(order_id=order.id, merchant=stranger, amount_minor=1, actor="test", at=at)
    with pytest.raises(Conflict, match="expired"):
        capture(order, at + timedelta(days=29), 1)
    assert Capture.objects.count() == 0
    assert amounts(order) == []


def test_refund_takes_the_last_installments_first(buy, merchant, at):
    order = buy(merchant, 50_040)
    capture(order, at)
    preview = refund(order, at, 14_310, dry_run=True)
    assert [row["amount_minor"] for row in preview.after] == [12_510, 12_510, 10_710, 0]
    assert amounts(order)[3] == (4, 12_510, "scheduled")
    assert Refund.objects.count() == 0
    refund(order, at, 14_310)
    order.refresh_from_db()
    assert amounts(order) == [(1, 12_510, "scheduled"), (2, 12_510, "scheduled"), (3, 10_710, "scheduled"), (4, 0, "canceled")]
    assert (order.refunded_minor, order.refundable_minor, order.fee_minor, order.fee_refunded_minor) == (14_310, 35_730, 2_002, 573)
    assert used(order) == 35_730
    assert balance(kind="receivable", owner=order.plan.public_id, currency="USD") == 35_730
    assert balance(kind="merchant_payable", owner=merchant.public_id, currency="USD") == -(35_730 - 2_002 + 573)


def test_a_full_refund_before_any_payment_completes_the_plan_and_returns_the_whole_fee(buy, merchant, at):
    order = buy(merchant, 9_999)
    capture(order, at)
    refund(order, at, 3_333)
    refund(order, at, 6_666)
    order.refresh_from_db()
    assert {status for _, _, status in amounts(order)} == {"canceled"}
    assert order.fee_minor == order.fee_refunded_minor
    assert used(order) == 0
    assert balance(kind="merchant_payable", owner=merchant.public_id, currency="USD") == 0
    with pytest.raises(Invalid) as error:
        refund(order, at, 1)
    assert error.value.fields == {"amount": "at most 0"}


def test_refund_before_capture_is_refused(buy, merchant, at):
    order = buy(merchant, 9_999)
    with pytest.raises(Conflict) as error:
        refund(order, at, 100)
    assert error.value.code == "order.nothing_captured"


def test_refund_with_interest_drops_what_would_not_accrue(buy, merchant, at):
    order = buy(merchant, 60_000, product="monthly_6")
    capture(order, at)
    total = sum(amount for _, amount, _ in amounts(order))
    assert total > 60_000
    assert balance(kind="unearned_interest", owner=order.plan.public_id, currency="USD") == 60_000 - total
    refund(order, at, 60_000)
    assert [amount for _, amount, _ in amounts(order)] == [0] * 6
    assert balance(kind="unearned_interest", owner=order.plan.public_id, currency="USD") == 0
    assert balance(kind="receivable", owner=order.plan.public_id, currency="USD") == 0


def test_void_frees_everything_and_is_refused_after_a_capture(buy, merchant, at):
    order = buy(merchant, 22_900)
    checkouts.void_order(order_id=order.id, merchant=merchant, actor="test", at=at)
    checkouts.void_order(order_id=order.id, merchant=merchant, actor="test", at=at)
    order.refresh_from_db()
    assert (order.status, order.remaining_authorized_minor, used(order)) == ("voided", 0, 0)
    assert Plan.objects.get(id=order.plan_id).status == "canceled"
    other = buy(merchant, 10_000)
    capture(other, at, 100)
    with pytest.raises(Conflict) as error:
        checkouts.void_order(order_id=other.id, merchant=merchant, actor="test", at=at)
    assert error.value.code == "order.not_voidable"
    assert used(other) == 10_000


def test_what_is_not_captured_in_time_is_released(buy, merchant, at):
    order = buy(merchant, 10_000)
    capture(order, at, 4_000)
    untouched = buy(merchant, 5_000)
    assert checkouts.expire_orders(at=at + timedelta(days=27)) == 0
    assert checkouts.expire_orders(at=at + timedelta(days=29)) == 2
    assert checkouts.expire_orders(at=at + timedelta(days=29)) == 0
    order.refresh_from_db()
    untouched.refresh_from_db()
    assert (order.status, order.released_minor, untouched.status) == ("captured", 6_000, "expired")
    assert used(order) == 4_000


def test_extension_lasts_at_most_180_days(buy, merchant, at):
    order = buy(merchant, 10_000)
    now = at
    for _ in range(7):
        now += timedelta(days=24)
        order = checkouts.extend_order(order_id=order.id, merchant=merchant, actor="test", at=now)
    assert order.expires_at == at + timedelta(days=180)
    with pytest.raises(Conflict, match="180"):
        checkouts.extend_order(order_id=order.id, merchant=merchant, actor="test", at=now + timedelta(days=1))


def test_shops_are_warned_a_week_and_a_day_before_expiry_once_each(buy, merchant, at):
    buy(merchant, 10_000)
    assert checkouts.warn_expiring(at=at + timedelta(days=20)) == 0
    assert checkouts.warn_expiring(at=at + timedelta(days=22)) == 1
    assert checkouts.warn_expiring(at=at + timedelta(days=23)) == 0
    assert checkouts.warn_expiring(at=at + timedelta(days=27, hours=2)) == 1
    assert checkouts.warn_expiring(at=at + timedelta(days=27, hours=3)) == 0


def test_personas_lead_to_their_outcomes(buy, merchant):
    ends = {
        "a+decline@people.example": "declined",
        "a+kyc_fail@people.example": "declined",
        "a+refer@people.example": "pending_review",
        "a+fraud_hold@people.example": "pending_review",
        "a+approve@people.example": "authorized",
    }
    for email, outcome in ends.items():
        assert buy.finish(buy.open(merchant, 20_000), email).outcome == outcome, email
    above = buy.finish(buy.open(merchant, 120_000), "b+approve@people.example")
    assert (above.outcome, above.order.review.reason) == ("pending_review", "order_limit")
    assert buy.finish(buy.open(merchant, 150_001), "c+approve@people.example").outcome == "declined"
    assert buy.finish(buy.open(merchant, 20_000), "d+approve@people.example", card="4000 0000 0000 0002").outcome == "declined"


def test_two_people_decide_a_held_order(buy, merchant, operators, at):
    order = buy.finish(buy.open(merchant, 120_000, capture="automatic"), "b+approve@people.example").order
    one, two = operators
    review = order.review
    with pytest.raises(Conflict):
        checkouts.approve_review(review_id=review.id, user=two, seen=0, reason="Fine", at=at)
    checkouts.prepare_review(review_id=review.id, user=one, recommendation="approve", note="Known person", at=at)
    with pytest.raises(Conflict) as error:
        checkouts.approve_review(review_id=review.id, user=one, seen=1, reason="Fine", at=at)
    assert error.value.code == "review.same_person"
    order.refresh_from_db()
    assert order.status == "pending_review"
    checkouts.approve_review(review_id=review.id, user=two, seen=1, reason="Fine", at=at)
    order.refresh_from_db()
    assert order.status == "captured"
    with pytest.raises(Conflict):
        checkouts.reject_review(review_id=review.id, user=two, seen=1, reason="No", at=at)


def test_a_rejected_order_frees_the_limit(buy, merchant, operators, at):
    order = buy.finish(buy.open(merchant, 120_000), "b+approve@people.example").order
    assert used(order) == 120_000
    one, two = operators
    checkouts.prepare_review(review_id=order.review.id, user=one, recommendation="reject", note="Odd", at=at)
    checkouts.reject_review(review_id=order.review.id, user=two, seen=1, reason="Odd", at=at)
    order.refresh_from_db()
    assert (order.status, used(order), order.plan.status) == ("rejected", 0, "canceled")


def test_why_a_shop_gives_back_is_kept_in_visible_characters(buy, merchant, at):
    order = buy(merchant, 22_900)
    capture(order, at)
    told = {"reason": "Sent \u202eback\u200b ", "actor": "test", "at": at}
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=100, **told)
    assert Refund.objects.get().reason == "Sent back"
