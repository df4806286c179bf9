"""Fees for being late: charged at the close of a day within every cap, paid with their payment, waived, withdrawn, taken back."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from checkout import services as checkouts
from collection import services as collection
from collection.services.settling import close_settlements
from collection.settling import Terms
from ledger.queries import balance
from markets.queries import fee_rows
from payments import services as payments
from payments.models import Charge, Refund
from plans import services as plans
from plans.errors import NothingToPay
from plans.fees import ComingFee, caps_in, coming_fees, fees_on, terms_of
from plans.late import find_to_close
from plans.models import Fee, FeePayment, Installment, PlanChange
from plans.queries import installments_of
from plans.rules.fees import FeeKind
from reports.books import check_books
from tests.collection.test_bank_debits import CLEARS
from tests.collection.test_free_payments import pay, plan_of
from tests.collection.test_payments_taken_back import fail, hear_of
from tests.operators import make_operator
from tests.plans.test_fees_attacked import limit

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)
FEE = 700


def close(order, at=None):
    day = (at or order.at).date()
    return plans.close_fees(plan_ids=[order.plan_id], day=day, at=at or order.at)


def rows_of(order):
    return [(row.fees_minor, row.paid_fees_minor, row.open_minor, row.status) for row in installments_of(plan_of(order))]


def wrong():
    return [line for check in check_books() for line in check.offenders]


def income(order):
    return -balance(kind="late_fees", owner=plan_of(order).public_id, currency="USD")


def test_a_late_fee_comes_once_and_is_paid_with_its_payment(late):
    assert (close(late), close(late), close(late, late.at + DAY)) == (1, 0, 0)
    fee = Fee.objects.get()
    assert (fee.kind, fee.stage, fee.amount_minor, fee.installment.number, fee.cap) == ("late", 0, FEE, 2, "")
    assert rows_of(late)[1] == (FEE, 0, 4_000 + FEE, "overdue")
    assert (income(late), wrong()) == (0, [])
    assert PlanChange.objects.filter(plan=late.plan_id, kind="fee").count() == 1
    charge = collection.pay_now(
        consumer=late.consumer, plan=plan_of(late), scope={2}, method=plan_of(late).payment_method, actor="test", at=late.at
    )
    assert (charge.amount_minor, rows_of(late)[1], income(late), wrong()) == (4_700, (FEE, FEE, 0, "paid"), FEE, [])


def test_workers_charge_the_fee_with_its_payment(late):
    close(late)
    Installment.objects.filter(plan=late.plan_id, number=2).update(next_attempt_at=late.at)
    collection.run_due(at=late.at + timedelta(hours=1))
    assert Charge.objects.latest("id").amount_minor == 4_700
    assert (rows_of(late)[1][3], income(late), wrong()) == ("paid", FEE, [])


def test_who_pays_within_the_grace_has_no_fee(late):
    close(late, late.at - 2 * DAY)
    pay(late, 4_000, late.at - DAY)
    assert (close(late), Fee.objects.count()) == (0, 0)


def test_no_fee_comes_while_a_payment_of_a_settlement_is_under_way_after_its_last_day(late):
    operator = make_operator("anna@kvart.example", may=["work_case"])
    terms = Terms.even(11_000, 1, late.at.date(), 30)
    made = collection.settle_for(plan_id=late.plan_id, terms=terms, note="", user=operator, at=late.at)
    collection.note_acceptance(settlement_id=made.pk, user=operator, at=late.at)
    account = payments.add_account(consumer=late.consumer, number=CLEARS, currency="USD", at=late.at)
    collection.pay_now(consumer=late.consumer, plan=plan_of(late), scope={3}, method=account, actor="test", at=late.at)
    close_settlements(plan_ids=[late.plan_id], day=late.at.date() + DAY, at=late.at + 2 * DAY)
    assert (plan_of(late).settling_until, close(late, late.at + DAY)) == (late.at.date(), 0)


def test_a_plan_that_was_agreed_without_fees_has_none(buy, merchant, at):
    order = buy(merchant, 16_000)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    fee_rows.forget()
    later = at + 40 * DAY
    collection.mark_plan_overdue(plan_id=order.plan_id, at=later)
    assert (terms_of(plan_of(order)).late, plans.close_fees(plan_ids=[order.plan_id], day=later.date(), at=later)) == ((), 0)
    assert Fee.objects.count() == 0


def test_the_close_of_a_day_finds_late_plans_and_those_that_were(late):
    told = {"zone": plan_of(late).time_zone, "day": late.at.date(), "after": None, "limit": 10}
    assert find_to_close(**told) == [late.plan_id]
    close(late)
    assert plan_of(late).late_since == late.at.date()
    pay(late, 4_700, late.at + DAY)
    assert find_to_close(**told) == [late.plan_id]
    close(late, late.at + DAY)
    assert (plan_of(late).late_since, find_to_close(**told)) == (None, [])


def test_the_database_refuses_a_fee_beyond_a_cap(late):
    close(late)
    caps = caps_in("US", "OH", late.at.date())
    row = installments_of(plan_of(late))[2]
    told = {"installment": row, "kind": "service", "on": late.at.date(), "caps": caps.market, "at": late.at}
    # A quarter of 160.00 is 40.00, and 7.00 of it are used.
    Fee.objects.create(stage=0, wanted_minor=3_300, amount_minor=3_300, **told)
    with pytest.raises(IntegrityError, match="more than the caps allow"), transaction.atomic():
        Fee.objects.create(stage=1, wanted_minor=1, amount_minor=1, **told)
    with pytest.raises(IntegrityError, match="fee_has_caps"), transaction.atomic():
        Fee.objects.create(stage=9, wanted_minor=1, amount_minor=1, **told | {"caps": None})


def test_a_person_s_fees_of_a_year_are_capped_over_all_their_plans(late, buy, merchant):
    limit(consumer_year_minor=900)
    close(late)
    fee = plans.charge_fee(plan_id=late.plan_id, number=3, amount_minor=500, actor="test", at=late.at)
    assert (fee.amount_minor, fee.wanted_minor, fee.cap) == (200, 500, "consumer_year_minor")
    again = plans.charge_fee(plan_id=late.plan_id, number=4, amount_minor=500, actor="test", at=late.at)
    assert (again.amount_minor, again.cap, [row[0] for row in rows_of(late)]) == (0, "consumer_year_minor", [0, FEE, 200, 0])


def test_caps_that_were_agreed_on_hold_though_those_of_the_market_rise(late):
    limit(order_bps=10_000)
    fee = plans.charge_fee(plan_id=late.plan_id, number=3, amount_minor=9_000, actor="test", at=late.at)
    assert (fee.amount_minor, fee.cap) == (4_000, "order_bps")


def test_an_unpaid_fee_is_waived(late):
    close(late)
    assert plans.waive_fees(plan_id=late.plan_id, number=2, reason="first time", actor="test", at=late.at) == FEE
    fee = Fee.objects.get()
    assert (fee.status, fee.end_reason, fee.ended_by, rows_of(late)[1]) == ("forgiven", "first time", "test", (0, 0, 4_000, "overdue"))
    with pytest.raises(NothingToPay):
        plans.waive_fees(plan_id=late.plan_id, number=2, reason="again", actor="test", at=late.at)
    assert (Refund.objects.count(), wrong()) == (0, [])


def test_a_paid_fee_that_is_waived_goes_back_and_can_complete_the_plan(late):
    close(late)
    pay(late, 4_000, late.at + DAY)
    # 7.00 of it paid the fee.
    assert rows_of(late)[1] == (FEE, FEE, FEE, "overdue")
    plans.waive_fees(plan_id=late.plan_id, number=2, reason="bank holiday", actor="test", at=late.at)
    assert ([one.amount_minor for one in Refund.objects.all()], income(late), wrong()) == ([FEE], 0, [])
    assert rows_of(late)[1] == (0, 0, FEE, "overdue")


def test_a_payment_that_is_taken_back_owes_the_fee_again(late, settings):
    close(late)
    charge = pay(late, 4_700, late.at + DAY)[0]
    assert income(late) == FEE
    fail(charge, settings)
    assert hear_of(charge, late.at + 2 * DAY)
    assert (rows_of(late)[1], income(late), wrong()) == ((FEE, 0, 4_700, "overdue"), 0, [])
    row = Installment.objects.get(plan=late.plan_id, number=2)
    assert (row.grace_from, FeePayment.objects.get().standing_minor) == ((late.at + 2 * DAY).date(), 0)
    assert close(late, late.at + 3 * DAY) == 0


def test_who_pays_on_time_never_has_a_fee(fees, buy, merchant, at):
    order = buy(merchant, 16_000, email="prompt+approve@people.example")
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    for day in range(60):
        collection.run_due(at=at + day * DAY)
        close(order, at + day * DAY)
    plan = plan_of(order)
    assert (terms_of(plan).any, plan.status, Fee.objects.count()) == (True, "completed", 0)


def test_a_late_payment_names_the_day_until_which_paying_avoids_its_fee(late):
    plan, rows = plan_of(late), installments_of(plan_of(late))
    due = rows[1].due_date
    coming = coming_fees(plan, rows, fees_on(rows), due + DAY)
    assert coming == {2: ComingFee(FeeKind.LATE, due + 10 * DAY, FEE)}
    close(late, late.at - 2 * DAY)
    assert Fee.objects.count() == 0
    close(late, late.at - DAY)
    assert Fee.objects.get().on == due + 10 * DAY
    rows = installments_of(plan)
    assert coming_fees(plan, rows, fees_on(rows), late.at.date()) == {}
