"""Any amount over one plan or several: exactly once, allocated by the market's order, what is more goes back, books in balance."""

from datetime import date, timedelta

import pytest

from checkout import services as checkouts
from collection import services as collection
from core.errors import NotFound
from core.idempotency import Once
from core.models import OutboxEvent
from core.money import Money
from markets.models import MarketSetting
from markets.queries import PAYMENT_ORDER, order_rows
from payments import services as payments
from payments.models import Charge, Refund
from plans.errors import LeavesTooLittle, NothingToPay, SomethingElse
from plans.freely import quote_freely
from plans.models import FreePayment, Installment, Plan
from plans.queries import installments_of
from plans.rules.allocation import BUCKETS
from reports.books import check_books
from simulation import shopper
from tests.owner import as_owner, tamper
from tests.reported import report_charges

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def captured(buy, merchant, at):
    """Give a function that buys, and lets the shop ship: `captured(8_000, product="pay_in_4")`."""

    def make(amount, *, email="payer+approve@people.example", **how):
        order = buy(merchant, amount, email=email, **how)
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
        return order

    return make


def plan_of(order):
    return Plan.objects.select_related("consumer", "payment_method", "product__market").get(id=order.plan_id)


def pay(order, minor, at, *, everywhere=False, **how):
    plan = plan_of(order)
    amount = Money(minor, plan.currency)
    told = {"consumer": plan.consumer, "method": plan.payment_method, "actor": plan.consumer.public_id, "at": at, "exact": True}
    return collection.pay_freely(amount=amount, plan=None if everywhere else plan, **told | how)


def paid(order):
    return [(row.number, row.paid_minor, row.status) for row in Installment.objects.filter(plan=order.plan_id).order_by("number")]


def assert_books_hold():
    assert [line for check in check_books() for line in check.offenders] == []


def test_an_amount_pays_the_next_in_part_and_the_due_run_takes_the_rest(captured, at):
    order = captured(8_000)
    collection.run_due(at=at)
    [charge] = pay(order, 500, at + timedelta(days=1))
    assert (charge.status, charge.amount_minor) == ("succeeded", 500)
    assert paid(order)[:2] == [(1, 2_000, "paid"), (2, 500, "partially_paid")]
    collection.run_due(at=at + timedelta(days=15))
    assert [one.amount_minor for one in Charge.objects.order_by("id")] == [2_000, 500, 1_500]
    assert paid(order)[1] == (2, 2_000, "paid")
    assert_books_hold()


def test_what_is_more_than_owed_goes_back_once(captured, at):
    order = captured(8_000)
    [charge] = pay(order, 10_000, at, exact=False)
    assert plan_of(order).status == "completed"
    payments.send_refunds(at=at)
    assert [(one.charge_id, one.amount_minor) for one in Refund.objects.all()] == [(charge.id, 2_000)]
    told = OutboxEvent.objects.get(name="plans.installments_paid").payload
    assert (told["amount_minor"], told["excess_minor"], told["installments"]) == (10_000, 2_000, [1, 2, 3, 4])
    with pytest.raises(NothingToPay):
        pay(order, 100, at)
    assert_books_hold()


def test_no_more_is_charged_than_is_owed(captured, at):
    order = captured(8_000)
    [charge] = pay(order, 100_000_000, at)
    assert (plan_of(order).status, charge.amount_minor, Refund.objects.count()) == ("completed", 8_000, 0)
    told = OutboxEvent.objects.get(name="plans.installments_paid").payload
    assert (told["amount_minor"], told["excess_minor"], told["installments"]) == (8_000, 0, [1, 2, 3, 4])
    with pytest.raises(NothingToPay):
        pay(order, 100, at)
    assert_books_hold()


def test_an_amount_that_would_leave_less_than_a_charge_is_refused(captured, at):
    order = captured(8_000)
    for minor in (7_951, 7_999):
        with pytest.raises(LeavesTooLittle):
            pay(order, minor, at)
    assert not Charge.objects.exists()
    assert [charge.amount_minor for charge in pay(order, 7_950, at)] == [7_950]
    collection.run_due(at=at + timedelta(days=60))
    assert (plan_of(order).status, sum(charge.amount_minor for charge in Charge.objects.all())) == ("completed", 8_000)


def test_a_card_that_never_paid_is_asked_once_however_many_plans_it_is_to_pay(captured, at):
    orders = [captured(8_000) for _ in range(3)]
    card = shopper.card_of(plan_of(orders[0]).consumer, "4000000000000341", at)
    charges = pay(orders[0], 20_000, at, everywhere=True, method=card)
    assert [(charge.status, charge.failure) for charge in charges] == [("failed", "generic_decline")] * 3
    assert sum(len(list(report_charges(reference=order.plan.public_id))) for order in orders) == 1
    assert [paid(order)[0] for order in orders] == [(1, 0, "scheduled")] * 3
    good = shopper.card_of(plan_of(orders[0]).consumer, "5555555555554444", at)
    assert {charge.status for charge in pay(orders[0], 20_000, at, everywhere=True, method=good)} == {"succeeded"}
    assert_books_hold()


def test_an_amount_is_spread_over_plans_one_charge_each(captured, at):
    first, second = captured(8_000), captured(4_000)
    charges = pay(first, 4_500, at, everywhere=True)
    assert [(one.reference, one.amount_minor) for one in charges] == [(first.plan.public_id, 3_500), (second.plan.public_id, 1_000)]
    assert (paid(first)[:2], paid(second)[0]) == ([(1, 2_000, "paid"), (2, 1_500, "partially_paid")], (1, 1_000, "paid"))
    assert FreePayment.objects.values("together").distinct().count() == 1
    assert_books_hold()


def test_a_share_that_is_too_small_for_a_card_is_left_out(captured, at):
    first, second = captured(8_000), captured(4_000)
    charges = pay(first, 2_010, at, everywhere=True)
    assert [one.amount_minor for one in charges] == [2_010]
    assert (paid(first)[0], paid(second)[0]) == ((1, 2_000, "paid"), (1, 0, "scheduled"))


def test_a_request_sent_again_is_the_same_payment(captured, at):
    order = captured(8_000)
    once = Once(scope="test", key="k1", print_="p")
    again = [pay(order, 2_500, at, once=once)[0].id for _ in range(2)]
    assert again[0] == again[1]
    assert [one.amount_minor for one in report_charges(reference=order.plan.public_id)] == [2_500]


def test_nothing_else_is_paid_than_what_was_seen(captured, at):
    order = captured(8_000)
    plan = plan_of(order)
    seen = quote_freely([(plan, installments_of(plan))], amount_minor=2_500, day=at.date()).seal
    pay(order, 2_000, at)
    with pytest.raises(SomethingElse):
        pay(order, 2_500, at, seen=seen)
    assert Charge.objects.count() == 1


def test_killed_before_the_gateway_answers_it_is_charged_once_and_nothing_else_takes_its_installments(captured, at, monkeypatch):
    order = captured(8_000)

    def die(**_):
        raise KeyboardInterrupt

    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(payments, "run_charges", die)
        pay(order, 2_500, at)
    with pytest.raises(NothingToPay, match="under way"):
        pay(order, 2_000, at)
    collection.run_due(at=at)
    Charge.objects.update(claimed_until=None)
    payments.resolve_charges(at=at + timedelta(minutes=5))
    assert [one.amount_minor for one in report_charges(reference=order.plan.public_id)] == [2_500]
    assert paid(order)[:2] == [(1, 2_000, "paid"), (2, 500, "partially_paid")]
    assert_books_hold()


def test_a_refund_meanwhile_leaves_more_to_give_back(captured, at, monkeypatch):
    order = captured(8_000)
    ask = payments.run_charges

    def refund_first(*, requests, at):
        checkouts.refund_order(order_id=order.id, merchant=order.merchant, amount_minor=6_000, reason="", actor="test", at=at)
        return ask(requests=requests, at=at)

    monkeypatch.setattr(payments, "run_charges", refund_first)
    pay(order, 5_000, at)
    payments.send_refunds(at=at)
    assert [one.amount_minor for one in Refund.objects.all()] == [3_000]
    assert plan_of(order).status == "completed"
    assert_books_hold()


def test_what_is_late_keeps_its_retry_and_is_paid_before_what_is_to_come(captured, at):
    order = captured(8_000)
    collection.run_due(at=at)
    later = at + timedelta(days=20)
    collection.mark_overdue(at=later)
    before = installments_of(plan_of(order))[1].next_attempt_at
    pay(order, 500, later)
    row = installments_of(plan_of(order))[1]
    assert (row.status, row.paid_minor, row.next_attempt_at, row.charge_id) == ("overdue", 500, before, None)


def test_interest_to_come_falls_with_the_balance(captured, at):
    order = captured(60_000, product="monthly_6")
    before = sum(row.interest_minor for row in installments_of(plan_of(order)))
    day = at + timedelta(days=10)
    plan = plan_of(order)
    quote = quote_freely([(plan, installments_of(plan))], amount_minor=20_000, day=day.date())
    pay(order, 20_000, day)
    rows = installments_of(plan_of(order))
    assert before - sum(row.interest_minor for row in rows) == quote.parts[0].rebate_minor > 0
    assert sum(row.paid_minor for row in rows) == 20_000
    assert [change.kind for change in plan.changes.order_by("id")] == ["capture", "early"]
    assert_books_hold()


@pytest.fixture
def afterwards():
    """Settings of markets stay where tests end: take away those that a test made."""
    yield
    tamper("DELETE FROM markets_marketsetting WHERE source = 'test'")


def test_a_market_sets_the_order_of_the_buckets(captured, afterwards, at):
    order = captured(60_000, product="monthly_6")
    principal_first = [name for name in BUCKETS if name.endswith("principal")] + [
        name for name in BUCKETS if not name.endswith("principal")
    ]
    with as_owner():
        setting = MarketSetting.objects.create(
            market_id="US",
            key=PAYMENT_ORDER,
            value={str(place): name for place, name in enumerate(principal_first, 1)},
            valid_from=date(2026, 11, 30),
            source="test",
        )
    order_rows.forget()
    due = at + timedelta(days=40)
    pay(order, 9_000, due)
    row = installments_of(plan_of(order))[0]
    assert (row.paid_principal_minor, row.paid_interest_minor) == (9_000, 0)
    assert FreePayment.objects.get().order_id == setting.id
    assert_books_hold()


def test_another_person_pays_nothing_of_it(captured, at):
    order, other = captured(8_000), captured(4_000, email="other+approve@people.example")
    with pytest.raises(NotFound):
        pay(order, 500, at, consumer=plan_of(other).consumer)
    with pytest.raises(NotFound):
        pay(order, 500, at, method=plan_of(other).payment_method)
    assert not Charge.objects.exists()
