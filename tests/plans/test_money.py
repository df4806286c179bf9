"""Money through a plan: charged, refunded to the cards that paid, paid early, paid too much; the books hold after each."""

from datetime import UTC, datetime, timedelta

import pytest

from checkout import services as checkouts
from checkout.models import Order
from collection import services as collection
from core import relay, timers
from credit.models import CreditLine
from ledger.queries import balance
from notifications.models import Message
from payments.models import Charge, Refund
from payments.services import send_refunds
from plans import services as plans
from plans.errors import NothingToPay
from plans.models import Installment, Plan
from plans.queries import quote_early
from reports.books import check_books
from webhooks.models import MerchantEvent

pytestmark = pytest.mark.django_db(transaction=True)


def rows(order: Order) -> list[tuple[int, int, int, str]]:
    found = Installment.objects.filter(plan=order.plan_id).order_by("number")
    return [(row.number, row.amount_minor, row.paid_minor, row.status) for row in found]


def captured(buy, merchant, amount: int, at, **how) -> Order:
    order = buy(merchant, amount, at, **how)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    return order


def refund(order: Order, amount: int, at):
    return checkouts.refund_order(order_id=order.id, merchant=order.merchant, amount_minor=amount, reason="", actor="test", at=at)


def pay(order: Order, scope, at) -> Charge:
    plan = Plan.objects.select_related("consumer", "payment_method").get(id=order.plan_id)
    return collection.pay_now(consumer=plan.consumer, plan=plan, scope=scope, method=plan.payment_method, actor="test", at=at)


def assert_books_hold() -> None:
    offenders = [line for check in check_books() for line in check.offenders]
    assert offenders == []


def test_a_plan_in_four_is_paid_on_its_dates_and_completes(buy, merchant, at):
    order = captured(buy, merchant, 22_900, at)
    for day in range(45):
        timers.run_until_quiet(at=at + timedelta(days=day))
        assert_books_hold() if day in {0, 14, 28} else None
    assert rows(order) == [(n, 5_725, 5_725, "paid") for n in (1, 2, 3, 4)]
    assert Plan.objects.get(id=order.plan_id).status == "completed"
    assert CreditLine.objects.get(consumer=order.consumer).used_minor == 0
    charges = list(Charge.objects.filter(reference=order.plan.public_id).order_by("id").values_list("amount_minor", "status"))
    assert charges == [(5_725, "succeeded")] * 4
    assert Charge.objects.filter(authorization__isnull=False).count() == 1
    assert balance(kind="receivable", owner=order.plan.public_id, currency="USD") == 0
    assert_books_hold()


def test_a_plan_that_is_completed_twice_is_told_twice(buy, merchant, at):
    order = buy(merchant, 30_000, at)
    for day, amount in enumerate((20_000, 10_000)):
        when = at + timedelta(days=day)
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=amount, actor="test", at=when)
        pay(order, "all", when)
        assert Plan.objects.get(id=order.plan_id).status == "completed"
    relay.drain()
    told = MerchantEvent.objects.filter(type="plan.completed", data__order_id=order.public_id)
    assert list(told.order_by("sequence").values_list("data__captured", flat=True)) == [30_000, 30_000]
    letters = Message.objects.filter(kind="plan_completed", channel="inbox", consumer=order.consumer)
    assert letters.count() == 2
    assert_books_hold()


def test_refund_of_a_paid_plan_goes_back_to_the_cards_newest_first(buy, merchant, at):
    order = captured(buy, merchant, 5_727, at)
    for day in (0, 14, 28, 42):
        collection.run_due(at=at + timedelta(days=day))
    assert [paid for _, _, paid, _ in rows(order)] == [1_432, 1_432, 1_432, 1_431]
    done = refund(order, 1_500, at + timedelta(days=50))
    assert [(item["number"], item["amount_minor"]) for item in done.refund.outcome["back"]] == [(4, 1_431), (3, 69)]
    send_refunds(at=at + timedelta(days=50))
    assert sorted(Refund.objects.values_list("amount_minor", "status")) == [(69, "succeeded"), (1_431, "succeeded")]
    assert balance(kind="refunds_payable", owner=order.plan.public_id, currency="USD") == 0
    assert_books_hold()


def test_refund_with_two_left_cancels_the_last_and_shrinks_the_third(buy, merchant, at):
    order = captured(buy, merchant, 50_040, at)
    for day in (0, 14):
        collection.run_due(at=at + timedelta(days=day))
    done = refund(order, 14_310, at + timedelta(days=15))
    assert done.refund.outcome["back"] == []
    assert rows(order)[2:] == [(3, 10_710, 0, "scheduled"), (4, 0, 0, "canceled")]
    assert Refund.objects.count() == 0
    assert_books_hold()


def test_paying_all_early_takes_what_is_open_once(buy, merchant, at):
    order = captured(buy, merchant, 22_900, at)
    collection.run_due(at=at)
    charge = pay(order, "all", at + timedelta(days=3))
    assert (charge.status, charge.amount_minor) == ("succeeded", 17_175)
    assert {status for *_, status in rows(order)} == {"paid"}
    with pytest.raises(NothingToPay):
        pay(order, "all", at + timedelta(days=3))
    assert collection.run_due(at=at + timedelta(days=60)) == 0
    assert_books_hold()


def test_paying_interest_early_saves_what_has_not_accrued(buy, merchant, at):
    order = captured(buy, merchant, 60_000, at, product="monthly_6")
    plan, later = Plan.objects.get(id=order.plan_id), at + timedelta(days=15)
    scheduled = sum(amount for _, amount, _, _ in rows(order))
    quote = quote_early(plan, list(Installment.objects.filter(plan=plan).order_by("number")), scope="all", day=later.date())
    assert 60_000 < quote.amount_minor < scheduled
    assert quote.rebate_minor == scheduled - quote.amount_minor
    charge = pay(order, "all", later)
    assert charge.amount_minor == quote.amount_minor
    assert {status for *_, status in rows(order)} == {"paid"}
    assert balance(kind="unearned_interest", owner=plan.public_id, currency="USD") == 0
    assert balance(kind="interest_income", owner="", currency="USD") == -(quote.amount_minor - 60_000)
    assert_books_hold()


MONTH_END = datetime(2027, 1, 31, 17, tzinfo=UTC)


def test_settling_on_the_day_of_capture_costs_no_interest(buy, merchant):
    order = captured(buy, merchant, 100_000, MONTH_END, product="monthly_6")
    charge = pay(order, "all", MONTH_END)
    assert (charge.status, charge.amount_minor) == ("succeeded", 100_000)
    assert [(row.start_date, row.interest_minor) for row in Installment.objects.filter(plan=order.plan_id)] == [(MONTH_END.date(), 0)] * 6
    assert balance(kind="interest_income", owner="", currency="USD") == 0
    assert_books_hold()


def test_a_refund_on_the_day_of_capture_leaves_no_interest(buy, merchant):
    order = captured(buy, merchant, 100_000, MONTH_END, product="monthly_6")
    refund(order, 100_000, MONTH_END)
    assert rows(order) == [(number, 0, 0, "canceled") for number in range(1, 7)]
    assert Plan.objects.get(id=order.plan_id).status == "completed"
    assert_books_hold()


def test_each_part_counts_interest_from_its_own_capture(buy, merchant):
    order = buy(merchant, 100_000, MONTH_END, product="monthly_6")
    days = [MONTH_END, MONTH_END + timedelta(days=10)]
    for amount, day in zip((60_000, 40_000), days, strict=True):
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=amount, actor="test", at=day)
    charge = pay(order, "all", days[1])
    # 10 of 28 days on the first part, none on the second.
    assert charge.amount_minor == 100_000 + round(745 * 10 / 28)
    assert_books_hold()


def test_some_payments_of_any_number_are_paid_early(buy, merchant, at):
    order = captured(buy, merchant, 22_900, at)
    charge = pay(order, {2, 4}, at + timedelta(days=1))
    assert (charge.status, charge.amount_minor) == ("succeeded", 11_450)
    assert [status for *_, status in rows(order)] == ["scheduled", "paid", "scheduled", "paid"]
    with pytest.raises(NothingToPay):
        pay(order, {2, 4}, at + timedelta(days=1))
    assert [status for *_, status in rows(order)] == ["scheduled", "paid", "scheduled", "paid"]
    assert_books_hold()


def test_paying_the_next_one_early_leaves_the_others(buy, merchant, at):
    order = captured(buy, merchant, 60_000, at, product="monthly_6")
    pay(order, "next", at + timedelta(days=10))
    states = [status for *_, status in rows(order)]
    assert states == ["paid"] + ["scheduled"] * 5
    assert_books_hold()
    for month in range(7):
        collection.run_due(at=at + timedelta(days=31 * month))
    assert {status for *_, status in rows(order)} == {"paid"}
    assert balance(kind="unearned_interest", owner=order.plan.public_id, currency="USD") == 0
    assert_books_hold()


def test_a_refund_while_a_charge_is_under_way_gives_the_excess_back(buy, merchant, at):
    order = captured(buy, merchant, 20_000, at, product="pay_in_30")
    requests, _, _ = collection.due.claim_due(at=at + timedelta(days=30)) if hasattr(collection, "due") else _claim(at)
    refund(order, 15_000, at + timedelta(days=30))
    from payments.services import run_charges

    run_charges(requests=requests, at=at + timedelta(days=30))
    send_refunds(at=at + timedelta(days=30))
    assert rows(order) == [(1, 5_000, 5_000, "paid")]
    assert list(Refund.objects.values_list("amount_minor", "status")) == [(15_000, "succeeded")]
    assert_books_hold()


def _claim(at):
    from collection.services.due import claim_due

    return claim_due(at=at + timedelta(days=30))


def test_another_card_pays_what_failed(buy, merchant, at):
    order = captured(buy, merchant, 9_000, at, product="pay_in_30", card="4000000000009995")
    late = at + timedelta(days=31)
    timers.run_until_quiet(at=late)
    assert rows(order) == [(1, 9_000, 0, "overdue")]
    assert_books_hold()
    from simulation.shopper import card_of

    plan = Plan.objects.select_related("consumer").get(id=order.plan_id)
    plans.change_method(plan=plan, method=card_of(plan.consumer, "4242424242424242", late), at=late)
    collection.run_due(at=late)
    assert rows(order) == [(1, 9_000, 9_000, "paid")]
    assert_books_hold()
