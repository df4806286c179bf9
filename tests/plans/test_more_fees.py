"""Fees for a debit that the bank gives back and for a date that a person moves: agreed, told, decided once, within caps, taken back."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Consumer
from checkout import services as checkouts
from collection import services as collection
from controls.models import RuleCase
from core.errors import Conflict, Invalid
from core.relay import drain
from ledger.queries import balance
from markets.checking import check_setting
from markets.models import MarketSetting
from markets.queries import RESCHEDULE_FEE, RETURNED_FEE, fee_rows
from notifications.letters import compose_letter
from notifications.models import Message
from notifications.queries import load_named
from payments.models import Charge, PaymentMethod
from plans import services as plans
from plans.documents.late_fees import Reader, fee_sentences, short_sentences
from plans.events import PaymentArrived, PaymentFailed
from plans.fees import agreed_caps, terms_of
from plans.handlers import on_payment_given_back, on_payment_stands
from plans.models import Fee, Installment, PlanChange
from plans.queries import installments_of
from plans.rules.fees import FeeTerms
from reports.books import check_books
from tests.collection.test_bank_debits import bank, debited, hear, on_its_way
from tests.collection.test_free_payments import plan_of
from tests.plans.test_fees_attacked import at_once, limit
from tests.plans.test_fees_by_rules import publish, rita, rule

__all__ = ["bank", "debited", "on_its_way", "publish", "rita"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("agreed")]
DAY = timedelta(days=1)
RETURNED, MOVED = 1_500, 200


@pytest.fixture
def agreed():
    """Let new plans of the United States agree on both fees, and on no other."""
    fee_rows.forget()
    told = {"market_id": "US", "valid_from": date.min, "source": "test"}
    made = [MarketSetting(key=key, value=value, **told) for key, value in ((RETURNED_FEE, RETURNED), (RESCHEDULE_FEE, MOVED))]
    fee_rows.keep([*(row for row in fee_rows() if row.key != "fee.late"), *made])
    yield
    fee_rows.keep([])


@pytest.fixture
def given_back(debited, on_its_way, bank, at):
    """The debited order, whose second payment was given back by the bank two days later; `given_back.charge` and `.at`."""
    bank("fail", on_its_way, failure="insufficient_funds")
    debited.at, debited.charge = at + 16 * DAY, on_its_way
    hear(on_its_way, debited.at, good=False)
    return debited


@pytest.fixture
def movable(buy, merchant, at):
    """An order in four payments of somebody whose account is old enough to move one."""
    order = buy(merchant, 16_000, email="mona+approve@people.example")
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    Consumer.objects.filter(id=order.consumer_id).update(created_at=at - 100 * DAY)
    order.at = at
    return order


def wrong():
    return [line for check in check_books() for line in check.offenders]


def fees_of(order):
    return list(Fee.objects.filter(installment__plan=order.plan_id).values_list("kind", "amount_minor", "status", "installment__number"))


def told_of(order, event=PaymentFailed, **more):
    plan = plan_of(order)
    told = {"plan": plan.public_id, "reference": plan.reference, "installments": [2], "charge": order.charge.public_id}
    return event(**told | more)


def failed(order, failure="insufficient_funds"):
    return told_of(order, failure=failure, action="retry", next_attempt_at="")


def row_of(order, number=2):
    return Installment.objects.get(plan=order.plan_id, number=number)


def move(order, days=3, **more):
    to = row_of(order).due_date + days * DAY
    plans.move_date(plan_id=order.plan_id, number=2, to=to, actor="test", at=order.at, **more)


def test_a_debit_given_back_costs_once_what_was_agreed_and_is_paid_with_its_payment(given_back):
    drain()
    assert fees_of(given_back) == [("returned", RETURNED, "charged", 2)]
    for _ in range(2):
        on_payment_given_back(failed(given_back), at=given_back.at + DAY)
    assert (fees_of(given_back), row_of(given_back).open_minor) == ([("returned", RETURNED, "charged", 2)], 5_725 + RETURNED)
    case = RuleCase.objects.get(kind="person_fees")
    assert (case.facts["kind"], case.facts["fee"], case.facts["stage"]) == ("returned", RETURNED, 1)
    card = PaymentMethod.objects.get(consumer=given_back.consumer, kind="card")
    charge = collection.pay_now(
        consumer=given_back.consumer, plan=plan_of(given_back), scope={2}, method=card, actor="test", at=given_back.at
    )
    # Paid on the same day, fee included: it is no fee of the close of a day.
    assert (charge.amount_minor, row_of(given_back).status) == (5_725 + RETURNED, "paid")
    assert (-balance(kind="late_fees", owner=plan_of(given_back).public_id, currency="USD"), wrong()) == (RETURNED, [])


def test_two_handlers_at_once_decide_one_fee(given_back):
    acts = [lambda: on_payment_given_back(failed(given_back), at=given_back.at)] * 2
    assert at_once(*acts) == []
    assert (len(fees_of(given_back)), RuleCase.objects.filter(kind="person_fees").count()) == (1, 1)


@pytest.mark.parametrize("failure", ["account_closed", "debit_not_authorized", "balance_too_low", "disputed"])
def test_only_lack_of_cover_costs(given_back, failure):
    on_payment_given_back(failed(given_back, failure), at=given_back.at)
    assert fees_of(given_back) == []


def test_a_card_that_fails_costs_nothing(given_back):
    given_back.charge = type(given_back.charge).objects.filter(payment_method__kind="card").first()
    on_payment_given_back(failed(given_back), at=given_back.at)
    assert fees_of(given_back) == []


def test_caps_and_rules_hold_for_it_too(given_back, publish):
    publish(rule("share", 0.5, when="kind == 'returned'"))
    limit(consumer_year_minor=700)
    on_payment_given_back(failed(given_back), at=given_back.at)
    fee = Fee.objects.get()
    assert (fee.wanted_minor, fee.ruled["minor"], fee.amount_minor, fee.cap) == (RETURNED, 750, 700, "consumer_year_minor")


def test_it_is_withdrawn_when_the_bank_paid_after_all(given_back):
    on_payment_given_back(failed(given_back), at=given_back.at)
    came = told_of(given_back, PaymentArrived, amount_minor=5_725, excess_minor=0, currency="USD")
    for _ in range(2):
        on_payment_stands(came, at=given_back.at + DAY)
    assert (fees_of(given_back), row_of(given_back).fees_minor, wrong()) == ([("returned", RETURNED, "withdrawn", 2)], 0, [])
    assert PlanChange.objects.filter(plan=given_back.plan_id, kind="fee_withdrawn").count() == 1
    on_payment_given_back(failed(given_back), at=given_back.at + 2 * DAY)
    assert len(fees_of(given_back)) == 1


def test_a_card_that_pays_after_all_takes_back_no_fee_of_a_debit(given_back):
    on_payment_given_back(failed(given_back), at=given_back.at)
    given_back.charge = type(given_back.charge).objects.filter(payment_method__kind="card").first()
    on_payment_stands(told_of(given_back, PaymentArrived, amount_minor=5_725, excess_minor=0, currency="USD"), at=given_back.at + DAY)
    assert fees_of(given_back) == [("returned", RETURNED, "charged", 2)]


def test_a_later_debit_of_the_same_payment_takes_back_no_fee_of_an_earlier_one(given_back):
    drain()
    first = given_back.charge
    same = ("gateway", "reference", "amount_minor", "currency", "payment_method", "created_at")
    later = Charge.objects.create(**{name: getattr(first, name) for name in same})
    for charge, status in ((later, "charged"), (first, "withdrawn")):
        given_back.charge = charge
        on_payment_stands(told_of(given_back, PaymentArrived, amount_minor=5_725, excess_minor=0, currency="USD"), at=given_back.at + DAY)
        assert fees_of(given_back) == [("returned", RETURNED, status, 2)]


def test_a_move_costs_what_was_shown_or_nothing_happens(movable):
    plan, before = plan_of(movable), row_of(movable).due_date
    rows = installments_of(plan)
    with CaptureQueriesContext(connection) as one:
        assert plans.reschedule_fees(plan=plan, rows=rows[1:2], at=movable.at) == {2: MOVED}
    with CaptureQueriesContext(connection) as several:
        assert plans.reschedule_fees(plan=plan, rows=rows[1:], at=movable.at) == dict.fromkeys((2, 3, 4), MOVED)
    assert len(several) == len(one)
    assert (Fee.objects.count(), RuleCase.objects.filter(kind="person_fees").count()) == (0, 0)
    with pytest.raises(Conflict) as caught:
        move(movable, fee_minor=MOVED - 1)
    assert (caught.value.code, row_of(movable).due_date, fees_of(movable)) == ("plans.move_costs_more", before, [])
    move(movable, fee_minor=MOVED)
    assert (row_of(movable).due_date, row_of(movable).fees_minor) == (before + 3 * DAY, MOVED)
    assert (fees_of(movable), wrong()) == ([("reschedule", MOVED, "charged", 2)], [])


def test_two_moves_at_once_cost_one_fee(movable):
    to = row_of(movable).due_date + 3 * DAY
    told = {"plan_id": movable.plan_id, "number": 2, "to": to, "actor": "test", "at": movable.at, "fee_minor": MOVED}
    errors = at_once(*[lambda: plans.move_date(**told)] * 2)
    assert ([error.code for error in errors], len(fees_of(movable))) == (["plans.move_too_far"], 1)


def test_a_rule_makes_a_move_free(movable, publish):
    publish(rule(when="kind == 'reschedule' && days_late < 0"))
    move(movable)
    assert fees_of(movable) == [("reschedule", 0, "charged", 2)]


def test_both_are_told_before_consent_with_the_amounts(movable):
    terms = terms_of(plan_of(movable))
    assert terms == FeeTerms(returned_minor=RETURNED, reschedule_minor=MOVED)
    say = Reader("USD", "en-US")
    for told in (fee_sentences(terms, agreed_caps(plan_of(movable)), say), short_sentences(terms, {}, None, say)):
        shown = " ".join(told)
        assert "If your bank gives a debit back for lack of cover, $15.00 is added to its payment" in shown
        assert "Moving one payment to another day by yourself costs $2.00" in shown
        assert "You pay no fee as long as you pay on the days that you agreed to." in shown
        assert "as long as you pay on time" not in shown


@pytest.mark.parametrize("key", [RETURNED_FEE, RESCHEDULE_FEE])
def test_a_market_that_forbids_a_fee_cannot_set_it(key):
    with pytest.raises(Invalid, match="The law of this market forbids it"):
        check_setting(market="DE", key=key, value=100, source="House policy")
    check_setting(market="US", key=key, value=100, source="House policy")


def test_the_letter_about_a_move_does_not_call_it_free_where_it_cost_something(movable):
    move(movable, fee_minor=MOVED)
    drain()
    message = Message.objects.get(kind="schedule_changed", channel="email")
    told = compose_letter(message, load_named([message])).text
    assert ("Its fee was added." in told, "It cost nothing" in told) == (True, False)
