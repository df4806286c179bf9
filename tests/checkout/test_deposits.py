"""Deposits that rules ask for: held with the last click, charged when the shop ships, never lent, given back by the same rules."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from checkout import services as checkouts
from checkout.errors import Declined
from checkout.models import Checkout, Order
from checkout.queries import get_checkout
from checkout.quoting import agreed_payments, checkout_quotes
from core import timers
from credit.models import CreditLine
from payments.models import Authorization, Charge
from plans.models import Installment, Plan
from reports.books import check_books
from tests.approved import approve
from tests.cast import AGREEMENT, last_click
from tests.offer_rules import offer_rule, rule_offers
from tests.reported import report_charges

pytestmark = pytest.mark.django_db(transaction=True)
MONTHS = "monthly_6"


@pytest.fixture(autouse=True)
def books():
    """Whatever was done, the books hold in the end."""
    yield
    assert [line for check in check_books() for line in check.offenders] == []


@pytest.fixture
def deposits(db):
    rule_offers(offer_rule("deposit", 0.2))


def capture(order, at, amount=None):
    checkouts.take_deposit(order_id=order.id, merchant=order.merchant, amount_minor=amount, at=at)
    return checkouts.capture_order(order_id=order.id, merchant=order.merchant, amount_minor=amount, actor="test", at=at)


def line_of(order) -> tuple[int, int]:
    line = CreditLine.objects.get(consumer_id=order.consumer_id)
    return line.used_minor, line.beyond_minor


def amounts(order) -> list[int]:
    return [row.amount_minor for row in Installment.objects.filter(plan=order.plan_id).order_by("number")]


def test_the_deposit_is_held_charged_at_the_capture_and_only_the_rest_is_lent(buy, merchant, at, deposits):
    order = buy(merchant, 60_001, product=MONTHS)
    held = Authorization.objects.get(id=order.authorization_id)
    assert (held.amount_minor, order.deposit_minor, order.plan.deposit_minor) == (12_001, 12_001, 12_001)
    assert line_of(order) == (48_000, 0)
    assert [one.when for one in agreed_payments(order)][:2] == ["ships", "day"]
    capture(order, at)
    # Paid before anything is owed.
    assert line_of(order) == (48_000, 0)
    timers.run_until_quiet(at=at)
    order.refresh_from_db()
    assert (order.deposit_minor, line_of(order)) == (0, (48_000, 0))
    assert [row.amount_minor for row in report_charges(reference=order.plan.public_id)] == [12_001]
    assert Charge.objects.get().authorization_id == held.id
    for month in range(1, 7):
        timers.run_until_quiet(at=at + timedelta(days=31 * month))
    assert (Plan.objects.get().status, line_of(order)) == ("completed", (0, 0))


def test_each_part_takes_its_share_of_the_deposit(buy, merchant, at, deposits):
    order = buy(merchant, 30_001, product=MONTHS)
    assert order.deposit_minor == 6_001
    capture(order, at, 10_000)
    assert (Order.objects.get().deposit_minor, amounts(order)[0]) == (4_001, 2_000)
    assert line_of(order)[0] == 24_000
    checkouts.release_order(order_id=order.id, merchant=merchant, actor="test", at=at)
    assert (Order.objects.get().deposit_minor, line_of(order)[0]) == (0, 8_000)


def test_a_canceled_order_frees_what_was_lent_and_the_hold(buy, merchant, at, deposits):
    order = buy(merchant, 60_000, product=MONTHS)
    checkouts.void_order(order_id=order.id, merchant=merchant, actor="test", at=at)
    assert line_of(order) == (0, 0)
    assert Authorization.objects.get(id=order.authorization_id).release_wanted_at is not None
    assert Order.objects.get().deposit_minor == 0


def test_a_refund_takes_what_is_open_first_and_the_deposit_last(buy, merchant, at, deposits):
    order = buy(merchant, 60_000, product=MONTHS)
    capture(order, at)
    timers.run_until_quiet(at=at)
    told = {"order_id": order.id, "merchant": merchant, "reason": "", "actor": "test", "at": at}
    outcome = checkouts.refund_order(amount_minor=50_000, **told).refund.outcome
    assert (outcome["canceled_minor"], sum(one["amount_minor"] for one in outcome["back"])) == (48_000, 2_000)
    checkouts.refund_order(amount_minor=10_000, **told)
    timers.run_until_quiet(at=at)
    assert Charge.objects.get().refunded_minor == 12_000
    assert (Plan.objects.get().status, line_of(order)) == ("completed", (0, 0))


def test_pay_in_4_asks_for_no_more_where_its_first_payment_is_enough(buy, merchant, at, deposits):
    order = buy(merchant, 20_000)
    assert (order.plan.deposit_minor, [one.amount_minor for one in agreed_payments(order)]) == (5_000, [5_000] * 4)
    assert line_of(order) == (15_000, 0)


def test_a_declined_card_makes_no_order_and_the_next_one_does(buy, merchant, at, deposits):
    checkout = buy.open(merchant, 60_000)
    assert buy.finish(checkout, product=MONTHS, card="4000000000000002").reasons == ["generic_decline"]
    assert CreditLine.objects.get().used_minor == 0
    order = buy.finish(checkout, product=MONTHS).order
    assert last_click(checkout, order.consumer, MONTHS, order.plan.payment_method, at) == order
    assert [row.amount_minor for row in Authorization.objects.filter(status="succeeded", release_wanted_at=None)] == [12_000]


def test_who_dies_between_the_hold_and_the_order_holds_it_once(buy, merchant, at, deposits, monkeypatch):
    checkout = buy.open(merchant, 60_000)
    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr("checkout.services.authorizing.authorize_order", lambda **_told: (_ for _ in ()).throw(SystemExit))
        buy.finish(checkout, product=MONTHS)
    assert not Order.objects.exists()
    order = buy.finish(checkout, product=MONTHS).order
    assert [row.amount_minor for row in Authorization.objects.filter(status="succeeded", release_wanted_at=None)] == [12_000]
    assert order.authorization_id == Authorization.objects.get().id


def test_a_quote_of_a_smaller_deposit_makes_no_order(buy, merchant, at, deposits):
    checkout = buy.open(merchant, 60_000)
    consumer, method = approve(checkout, "anna+approve@people.example", at)
    (stale,) = checkout_quotes(get_checkout(checkout.pk), at, MONTHS)
    ruled = get_checkout(checkout.pk).ruled
    Checkout.objects.update(ruled={"deposit": ruled["deposit"] | {"bps": 5_000}})
    told = {"checkout": get_checkout(checkout.pk), "consumer": consumer, "quote": stale, "method": method, "agreement": AGREEMENT}
    with pytest.raises(Declined) as refused:
        checkouts.confirm(**told, at=at)
    assert refused.value.code == "checkout.changed"
    assert (Order.objects.count(), CreditLine.objects.get().used_minor) == (0, 0)
    assert Authorization.objects.get().release_wanted_at is not None


def test_the_database_refuses_a_deposit_that_is_not_the_plans(buy, merchant, at, deposits):
    order = buy(merchant, 60_000, product=MONTHS)
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(deposit_minor=60_001)
    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.filter(pk=order.plan_id).update(deposit_minor=1)
