"""Deposits that a bank takes back: what was used is owed again, what was not is no longer paid, and nothing is captured before it is."""

from datetime import timedelta

import pytest

from checkout import services as checkouts
from checkout.errors import DepositNotPaid
from collection import services as collection
from core import timers
from credit.models import CreditLine
from ledger.queries import balance
from payments.models import Break, Charge
from plans.models import DepositPayment, Installment
from plans.queries import find_deposit
from reports.books import check_books
from simulation import shopper
from tests.collection.test_disputes import bank, hear
from tests.collection.test_payments_taken_back import decide
from tests.offer_rules import offer_rule, rule_offers
from tests.reported import report_charges

__all__ = ["bank"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(buy, merchant):
    """An order of 600.00 with a deposit of 120.00."""
    rule_offers(offer_rule("deposit", 0.2))
    return buy(merchant, 60_000, product="monthly_6")


@pytest.fixture(autouse=True)
def books():
    """Whatever was done, the books hold in the end."""
    yield
    assert [line for check in check_books() for line in check.offenders] == []


def capture(order, at, amount=None):
    checkouts.take_deposit(order_id=order.id, merchant=order.merchant, amount_minor=amount, at=at)
    return checkouts.capture_order(order_id=order.id, merchant=order.merchant, amount_minor=amount, actor="test", at=at)


def paid_early(order, at) -> Charge:
    """Let workers charge the deposit before its hold lapses."""
    collection.charge_deposits(at=at + timedelta(days=6))
    return Charge.objects.get()


def kept(order) -> int:
    return -balance(kind="deposits", owner=order.plan.public_id, currency="USD")


def test_nothing_is_captured_while_a_bank_looks_into_the_deposit_and_all_of_it_after_that(order, bank, at):
    ref = bank(paid_early(order, at))
    hear(ref, at)
    with pytest.raises(DepositNotPaid):
        capture(order, at)
    decide(bank, ref, "won", at)
    capture(order, at)
    assert (kept(order), CreditLine.objects.get().used_minor) == (0, 48_000)


def test_a_deposit_that_was_taken_back_is_paid_again_by_the_person_or_not_at_all(order, bank, at):
    ref = bank(paid_early(order, at))
    hear(ref, at)
    decide(bank, ref, "lost", at)
    assert (kept(order), find_deposit(order.plan_id).state, CreditLine.objects.get().beyond_minor) == (0, "declined", 0)
    with pytest.raises(DepositNotPaid):
        capture(order, at)
    decide(bank, ref, "won", at)
    assert (kept(order), find_deposit(order.plan_id).state) == (12_000, "paid")
    capture(order, at)
    assert CreditLine.objects.get().used_minor == 48_000


def test_a_deposit_won_back_after_it_was_paid_anew_goes_back(order, bank, at):
    first = paid_early(order, at)
    ref = bank(first)
    hear(ref, at)
    decide(bank, ref, "lost", at)
    collection.resume_charging(break_id=Break.objects.get(kind="dispute_lost").id, note="Pays anew", actor="olivia", at=at)
    card = shopper.card_of(order.consumer, "5555555555554444", at)
    told = {"consumer": order.consumer, "plan": order.plan, "method": card, "actor": "person", "at": at}
    assert collection.pay_deposit(**told).status == "succeeded"
    decide(bank, ref, "won", at)
    capture(order, at)
    timers.run_until_quiet(at=at)
    assert sorted((one.amount_minor, one.refunded_minor) for one in report_charges(reference=order.plan.public_id)) == [
        (12_000, 0),
        (12_000, 12_000),
    ]
    assert CreditLine.objects.get().used_minor == 48_000


def test_what_captures_used_is_owed_again_and_the_rest_is_not_paid(order, bank, at):
    capture(order, at, 15_000)
    ref = bank(Charge.objects.get())
    hear(ref, at)
    decide(bank, ref, "lost", at)
    assert DepositPayment.objects.get().undone_minor == 9_000
    assert [row.open_minor for row in Installment.objects.filter(number=1)] == [3_000]
    assert (kept(order), CreditLine.objects.get().used_minor) == (0, 51_000)
    with pytest.raises(DepositNotPaid):
        capture(order, at)
    decide(bank, ref, "won", at)
    assert (kept(order), CreditLine.objects.get().used_minor) == (9_000, 48_000)
    checkouts.release_order(order_id=order.id, merchant=order.merchant, actor="test", at=at)
    timers.run_until_quiet(at=at)
    assert [(one.amount_minor, one.refunded_minor) for one in report_charges(reference=order.plan.public_id)] == [(12_000, 9_000)]


def test_too_little_to_be_paid_of_a_deposit_is_borne_by_the_lender(order, bank, at):
    """The smallest charge of the card is 0.50: nobody could pay 0.30, and nothing could ever be captured."""
    ref = bank(paid_early(order, at), amount=30)
    hear(ref, at)
    decide(bank, ref, "lost", at)
    collection.resume_charging(break_id=Break.objects.get(kind="dispute_lost").id, note="Too little", actor="olivia", at=at)
    assert (find_deposit(order.plan_id).state, kept(order)) == ("paid", 12_000)
    assert balance(kind="bad_debt", owner=order.plan.public_id, currency="USD") == 30
    capture(order, at)
    assert (kept(order), CreditLine.objects.get().used_minor) == (0, 48_000)
    decide(bank, ref, "won", at)
    assert balance(kind="bad_debt", owner=order.plan.public_id, currency="USD") == 0


def test_too_little_to_be_paid_alone_of_a_deposit_waits_with_the_next_payment_once_it_was_used(order, bank, at):
    capture(order, at, 15_000)
    ref = bank(Charge.objects.get(), amount=30)
    hear(ref, at)
    decide(bank, ref, "lost", at)
    collection.resume_charging(break_id=Break.objects.get(kind="dispute_lost").id, note="Too little", actor="olivia", at=at)
    assert (find_deposit(order.plan_id).state, kept(order)) == ("paid", 9_000)
    assert [row.open_minor for row in Installment.objects.filter(number=1)] == [30]
    capture(order, at)
    assert kept(order) == 0


@pytest.mark.parametrize(("amount", "state"), [(49, "paid"), (50, "declined")])
def test_what_a_card_can_pay_opens_the_deposit_again(order, bank, at, amount, state):
    ref = bank(paid_early(order, at), amount=amount)
    hear(ref, at)
    decide(bank, ref, "lost", at)
    collection.resume_charging(break_id=Break.objects.get(kind="dispute_lost").id, note="Pays anew", actor="olivia", at=at)
    assert find_deposit(order.plan_id).state == state
    if state == "declined":
        card = shopper.card_of(order.consumer, "5555555555554444", at)
        told = {"consumer": order.consumer, "plan": order.plan, "method": card, "actor": "person", "at": at}
        assert (collection.pay_deposit(**told).status, find_deposit(order.plan_id).state) == ("succeeded", "paid")
