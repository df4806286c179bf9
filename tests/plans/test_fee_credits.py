"""Credits against fees for early payments: used once where a fee is charged, inside caps, taken back as far as nothing used them."""

from datetime import timedelta

import pytest

from checkout import services as checkouts
from collection import services as collection
from operations.orders.fees import fee_facts
from plans import services as plans
from plans.crediting import credit_left, credited_by
from plans.models import Fee, FeeCredit, FeeCreditUse, Reward
from plans.queries import installments_of
from plans.rewards import Coming, coming_rewards
from tests.collection.test_disputes import bank, hear
from tests.plans.test_early_rewards import caps, plan_of, publish, reward, wrong
from tests.plans.test_fees_attacked import at_once, limit

__all__ = ["bank", "caps", "publish"]
pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture
def credit(late, caps, publish):
    """The late purchase, whose last payment of 40.00 was paid early: its person has a credit of 5.00. With the charge that paid it."""
    caps(share_bps=2_000, plan_minor=1_000, credit_days=30)
    publish(("credit", 5.0, "days_early >= 7"))
    plan = plan_of(late)
    coming = coming_rewards(plan, installments_of(plan), [4], method="card", day=late.at.date(), at=late.at)
    assert coming == Coming(0, 500)
    charge = collection.pay_now(consumer=plan.consumer, plan=plan, scope={4}, method=plan.payment_method, actor="test", at=late.at)
    assert reward(late, charge, late.at) == 0
    return late, charge


def close(order):
    return plans.close_fees(plan_ids=[order.plan_id], day=order.at.date(), at=order.at)


def state():
    one = FeeCredit.objects.get()
    return one.used_minor, one.returned_minor, one.reversed_minor, one.left_minor


def test_a_credit_lowers_the_next_fee_once_and_comes_back_with_a_waived_one(credit):
    order, charge = credit
    assert (Reward.objects.get().amount_minor, FeeCredit.objects.get().until) == (0, order.at.date() + 30 * DAY)
    assert [one.left_minor for one in credit_left(order.consumer, order.at.date() + 30 * DAY)] == [500]
    assert credit_left(order.consumer, order.at.date() + 31 * DAY) == []
    assert at_once(*[lambda: close(order)] * 3) == []
    fee = Fee.objects.get()
    assert (fee.wanted_minor, fee.amount_minor, fee.credit_minor, state(), wrong()) == (700, 200, 500, (500, 0, 0, 0), [])
    assert (credited_by(charge.public_id), next(row for row in installments_of(plan_of(order)) if row.number == 2).fees_minor) == (500, 200)
    plans.waive_fees(plan_id=order.plan_id, number=2, reason="first time", actor="test", at=order.at)
    assert (state(), FeeCreditUse.objects.get().given_back_at, wrong()) == ((0, 0, 0, 500), order.at, [])
    again = plans.charge_fee(plan_id=order.plan_id, number=2, amount_minor=300, actor="test", at=order.at)
    assert (again.amount_minor, again.credit_minor, state(), wrong()) == (0, 300, (300, 0, 0, 200), [])
    shown = fee_facts(plan_of(order), installments_of(plan_of(order)), "test")["fees"]
    assert [(one["number"], one["asked_minor"], one["alone"]) for one in shown] == [(2, 300, True)]
    plans.waive_fees(plan_id=order.plan_id, number=2, reason="wrong", actor="test", at=order.at)
    assert (state(), wrong()) == ((0, 0, 0, 500), [])


def test_what_a_credit_pays_of_a_fee_counts_in_caps(credit):
    order, _charge = credit
    limit(consumer_year_minor=800)
    close(order)
    more = plans.charge_fee(plan_id=order.plan_id, number=3, amount_minor=600, actor="test", at=order.at)
    assert (more.amount_minor, more.credit_minor, more.cap, wrong()) == (100, 0, "consumer_year_minor", [])


def test_a_bank_that_takes_the_payment_back_takes_the_unused_part_until_the_payment_stands(credit, bank):
    order, charge = credit
    plans.charge_fee(plan_id=order.plan_id, number=2, amount_minor=200, actor="test", at=order.at)
    ref = bank(charge)
    hear(ref, order.at + DAY)
    bank(ref, "lost")
    hear(ref, order.at + 2 * DAY, "dispute.closed")
    assert (state(), wrong()) == ((200, 0, 300, 0), [])
    bank(ref, "won")
    hear(ref, order.at + 3 * DAY, "dispute.closed")
    assert (state(), wrong()) == ((200, 0, 0, 300), [])


@pytest.mark.parametrize("fee", [200, 500])
def test_what_an_ended_fee_gives_back_is_taken_with_the_payment_and_comes_with_it(credit, bank, fee):
    order, charge = credit
    plans.charge_fee(plan_id=order.plan_id, number=2, amount_minor=fee, actor="test", at=order.at)
    ref = bank(charge)
    hear(ref, order.at + DAY)
    bank(ref, "lost")
    hear(ref, order.at + 2 * DAY, "dispute.closed")
    assert (state(), wrong()) == ((fee, 0, 500 - fee, 0), [])
    plans.waive_fees(plan_id=order.plan_id, number=2, reason="wrong", actor="test", at=order.at)
    assert (state(), wrong()) == ((0, 0, 500, 0), [])
    bank(ref, "won")
    hear(ref, order.at + 3 * DAY, "dispute.closed")
    assert (state(), wrong()) == ((0, 0, 0, 500), [])


def test_a_refund_of_the_shop_takes_its_share_and_leaves_what_was_used(credit, merchant):
    order, _charge = credit
    told = {"merchant": merchant, "reason": "", "actor": "test"}
    plans.charge_fee(plan_id=order.plan_id, number=2, amount_minor=200, actor="test", at=order.at)
    # What is open goes first, then a quarter of the payment that had earned the credit.
    checkouts.refund_order(order_id=order.id, amount_minor=8_000 + 1_000, at=order.at, **told)
    assert (state(), wrong()) == ((200, 125, 0, 175), [])
    checkouts.refund_order(order_id=order.id, amount_minor=3_000, at=order.at, **told)
    assert (state(), wrong()) == ((200, 300, 0, 0), [])
