"""Plans whose consumer withdrew from the agreement: one payment for each shipment, one day, no interest after that of the day."""

from datetime import timedelta

import pytest

from accounts import services as accounts
from accounts.models import ConsumerRequest
from checkout import services as checkouts
from collection import services as collection
from core.clock import local_date
from core.errors import Conflict
from ledger.models import Entry
from payments import services as payments
from payments.models import Charge
from plans.models import Installment, Plan
from plans.queries import quote_early
from plans.services import withdraw_plan
from reports.books import check_books
from tests.cast import NOW
from tests.collection.test_bank_debits import CLEARS, bank, hear

__all__ = ["bank"]
pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def capture(order, amount_minor=None, at=NOW):
    checkouts.capture_order(order_id=order.id, merchant=order.merchant, amount_minor=amount_minor, actor="test", at=at)


def offenders() -> list:
    return [line for check in check_books() for line in check.offenders]


def withdraw(order, at) -> ConsumerRequest:
    return accounts.open_request(consumer=order.consumer, kind="withdrawal", text="", reference=order.public_id, at=at)


def opened(order) -> list[tuple]:
    rows = Installment.objects.filter(plan=order.plan_id, status__in=Installment.OPEN).order_by("number")
    return [
        (row.part, row.due_date, row.principal_minor - row.paid_principal_minor, row.interest_minor - row.paid_interest_minor)
        for row in rows
    ]


def test_all_that_is_owed_is_one_payment_on_the_day_of_the_request(buy, merchant, settle_charge):
    order = buy(merchant, 22_900)
    capture(order)
    settle_charge(order, NOW)
    asked = withdraw(order, NOW + 3 * DAY)
    assert asked.due_date == local_date(NOW + 33 * DAY, order.consumer.time_zone)
    assert Plan.objects.get(pk=order.plan_id).repay_by == asked.due_date
    assert opened(order) == [(1, asked.due_date, 17_175, 0)]
    collection.run_due(at=NOW + 32 * DAY)
    assert Charge.objects.count() == 1
    collection.run_due(at=NOW + 34 * DAY)
    assert [charge.amount_minor for charge in Charge.objects.order_by("id")] == [5_725, 17_175]
    assert Plan.objects.get(pk=order.plan_id).status == "completed"
    assert offenders() == []


def test_interest_ends_on_the_day_of_the_withdrawal(buy, merchant):
    order = buy(merchant, 60_000, product="monthly_6")
    capture(order)
    at = NOW + 10 * DAY
    plan = Plan.objects.select_related("product__market").get(pk=order.plan_id)
    rows = list(plan.installments.order_by("number"))
    agreed = sum(row.interest_minor for row in rows)
    owed = quote_early(plan, rows, scope="all", day=local_date(at, plan.time_zone))
    assert 0 < owed.amount_minor - 60_000 < agreed
    asked = withdraw(order, at)
    assert opened(order) == [(1, asked.due_date, 60_000, owed.amount_minor - 60_000)]
    rebate = Entry.objects.get(kind="rebate")
    assert rebate.source == f"{plan.public_id}:withdrawal"
    paid = collection.pay_now(
        consumer=order.consumer, plan=plan, scope="all", method=order.plan.payment_method, actor="test", at=at + 9 * DAY
    )
    assert paid.amount_minor == owed.amount_minor
    assert opened(order) == []
    assert offenders() == []


def test_what_ships_later_is_paid_back_on_the_same_day_or_when_it_ships(buy, merchant):
    order = buy(merchant, 60_000, product="monthly_6")
    asked = withdraw(order, NOW)
    assert opened(order) == []
    capture(order, 20_000, NOW + DAY)
    capture(order, 5_000, NOW + 27 * DAY)
    capture(order, 10_000, NOW + 40 * DAY)
    late = local_date(NOW + 40 * DAY, order.consumer.time_zone)
    assert opened(order) == [(1, asked.due_date, 20_000, 0), (2, asked.due_date, 5_000, 0), (3, late, 10_000, 0)]


def test_a_plan_is_withdrawn_from_once(buy, merchant):
    order = buy(merchant, 22_900)
    capture(order)
    asked = withdraw(order, NOW)
    with pytest.raises(Conflict):
        withdraw(order, NOW + DAY)
    assert withdraw_plan(plan_id=order.plan_id, repay_by=asked.due_date + DAY, actor="test", at=NOW + DAY) is False
    assert opened(order) == [(1, asked.due_date, 22_900, 0)]


def test_what_was_withdrawn_from_can_be_refunded(buy, merchant, settle_charge):
    order = buy(merchant, 22_900)
    capture(order)
    settle_charge(order, NOW)
    asked = withdraw(order, NOW + DAY)
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=20_000, reason="", actor="test", at=NOW + 2 * DAY)
    assert opened(order) == []
    order.refresh_from_db()
    assert order.plan.status == "completed"
    assert asked.due_date == order.plan.repay_by
    assert offenders() == []


@pytest.mark.parametrize("good", [True, False])
def test_a_payment_under_way_pays_no_interest_of_later(buy, merchant, bank, good):
    order = buy(merchant, 60_000, product="monthly_6")
    capture(order)
    day, plan = NOW + 16 * DAY, Plan.objects.get(pk=order.plan_id)
    account = payments.add_account(consumer=order.consumer, number=CLEARS, currency="USD", at=day)
    charge = collection.pay_now(consumer=order.consumer, plan=plan, scope="next", method=account, actor="her", at=day)
    asked = Installment.objects.get(plan=plan, number=1).interest_minor
    withdraw(order, day)
    row = Installment.objects.get(plan=plan, number=1)
    assert (charge.status, row.charge_id, row.interest_minor < asked, offenders()) == ("under_way", charge.id, True, [])
    bank("clear" if good else "fail", charge, **({} if good else {"failure": "account_closed"}))
    hear(charge, day + 3 * DAY, good=good)
    assert offenders() == []
    for days in (20, 31, 47):
        collection.run_due(at=NOW + days * DAY)
    paid = sum(one.amount_minor for one in Charge.objects.filter(status="succeeded"))
    rows = Installment.objects.filter(plan=plan)
    assert (paid, Plan.objects.get(pk=plan.pk).status) == (60_000 + sum(row.interest_minor for row in rows), "completed")
    assert offenders() == []
