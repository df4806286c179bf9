"""Free payments are allocated anew when a bank takes another payment back, and again when it gives it back: as if all had come in time."""

from datetime import timedelta

import pytest

from collection import services as collection
from core.money import Money
from credit.models import CreditLine
from ledger.queries import balance
from payments.models import Charge, Refund
from plans.models import Allocation, Installment, Plan, PlanChange
from reports.books import check_books
from tests.collection.test_disputes import bank, hear, sold
from tests.collection.test_due_run import told
from tests.collection.test_free_payments import captured, pay
from tests.collection.test_payments_taken_back import decide, fail, first, hear_of
from tests.collection.test_receipts import MAY, record
from tests.operators import make_operator

__all__ = ["bank", "captured", "sold"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bankers(db):
    return [make_operator(f"{name}@kvart.example", may=MAY) for name in ("olivia", "oscar")]


def wrong():
    return [line for check in check_books() for line in check.offenders]


def paid(order):
    rows = Installment.objects.filter(plan=order.plan_id).order_by("number")
    return [(row.paid_minor, row.status) for row in rows]


def freely(order, minor, at):
    plan = Plan.objects.select_related("consumer", "payment_method").get(id=order.plan_id)
    told = {"method": plan.payment_method, "actor": plan.consumer.public_id, "at": at}
    return collection.pay_freely(consumer=plan.consumer, amount=Money(minor, plan.currency), plan=plan, **told)[0]


def take_back(charge, settings, at):
    fail(charge, settings)
    assert hear_of(charge, at)


def test_what_a_bank_takes_back_is_paid_by_the_free_payment_that_came_later(sold, bank, at):
    before = CreditLine.objects.get(consumer=sold.consumer).used_minor
    freely(sold, 7_000, at + timedelta(days=1))
    assert paid(sold) == [(5_725, "paid"), (5_725, "paid"), (1_275, "partially_paid"), (0, "scheduled")]
    ref = bank(first(sold))
    hear(ref, at + timedelta(days=2))
    decide(bank, ref, "lost", at + timedelta(days=3))
    assert paid(sold) == [(5_725, "paid"), (1_275, "partially_paid"), (0, "scheduled"), (0, "scheduled")]
    assert told("plans.payment_reversed")[0]["installments"] == [2, 3]
    assert (CreditLine.objects.get(consumer=sold.consumer).used_minor, wrong()) == (before - 7_000 + 5_725, [])
    version = PlanChange.objects.get(plan=sold.plan_id, kind="reversed")
    assert [row["paid_minor"] for row in version.before] == [5_725, 5_725, 1_275, 0]
    assert [row["paid_minor"] for row in version.after] == [5_725, 1_275, 0, 0]
    decide(bank, ref, "won", at + timedelta(days=4))
    assert paid(sold) == [(5_725, "paid"), (5_725, "paid"), (1_275, "partially_paid"), (0, "scheduled")]
    assert (CreditLine.objects.get(consumer=sold.consumer).used_minor, wrong()) == (before - 7_000, [])


def test_what_nothing_is_open_for_any_more_goes_back_to_the_free_payment(sold, bank, at):
    ref = bank(first(sold))
    hear(ref, at)
    decide(bank, ref, "lost", at)
    Plan.objects.filter(id=sold.plan_id).update(stopped_at=None)
    free = freely(sold, 22_900, at + timedelta(days=1))
    assert Plan.objects.get(id=sold.plan_id).status == "completed"
    decide(bank, ref, "won", at + timedelta(days=2))
    assert [(one.charge_id, one.amount_minor) for one in Refund.objects.all()] == [(free.id, 5_725)]
    assert ([state for _, state in paid(sold)], wrong()) == (["paid"] * 4, [])


def test_a_free_payment_that_is_taken_back_itself_lets_a_later_one_move_up(captured, settings, at):
    order = captured(8_000)
    collection.run_due(at=at)
    early = pay(order, 2_000, at + timedelta(days=1))[0]
    pay(order, 500, at + timedelta(days=2))
    take_back(early, settings, at + timedelta(days=3))
    assert paid(order) == [(2_000, "paid"), (500, "partially_paid"), (0, "scheduled"), (0, "scheduled")]
    assert (balance(kind="receivable", owner=order.plan.public_id, currency="USD"), wrong()) == (5_500, [])
    collection.run_due(at=at + timedelta(days=15))
    assert [one.amount_minor for one in Charge.objects.order_by("id")][3:] == [1_500]


def test_interest_is_earned_anew_where_a_due_payment_is_taken_back(captured, settings, at):
    order = captured(60_000, product="monthly_6")
    due = at + timedelta(days=31)
    collection.run_due(at=due)
    second = at + timedelta(days=62)
    collection.mark_overdue(at=second)
    pay(order, 8_000, second)
    charge = Charge.objects.order_by("id").first()
    take_back(charge, settings, second + timedelta(days=1))
    rows = list(Installment.objects.filter(plan=order.plan_id).order_by("number"))
    assert (rows[0].paid_minor, rows[0].paid_interest_minor) == (8_000, rows[0].interest_minor)
    assert [row.paid_minor for row in rows[1:]] == [0] * 5
    assert sum(one.principal_minor for one in Allocation.objects.exclude(charge_id=charge.id)) == rows[0].paid_principal_minor
    assert wrong() == []


def test_money_of_an_earlier_day_that_changes_interest_leaves_what_other_money_pays(captured, bankers, at):
    order = captured(60_000, product="monthly_6")
    day = at + timedelta(days=40)
    collection.mark_overdue(at=day)
    before = freely(order, 4_000, day)
    order.late = day + timedelta(days=10)
    record(order, bankers, 30_000, received_on=day.date() + timedelta(days=2))
    row, *rest = Installment.objects.filter(plan=order.plan_id).order_by("number")
    paid_by = {one.charge_id: one.principal_minor + one.interest_minor for one in Allocation.objects.filter(installment=row)}
    assert (paid_by[before.id], sum(paid_by.values()), row.status) == (4_000, row.paid_minor, "paid")
    assert sum(one.paid_minor for one in (row, *rest)) == 34_000
    assert wrong() == []
