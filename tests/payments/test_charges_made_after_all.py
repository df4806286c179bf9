"""A charge that two people closed as not made, and that its gateway says later to have made: it pays what is due, the rest goes back."""

from datetime import timedelta

import pytest

from collection import services as collection
from core.relay import drain
from ledger.models import Entry
from ledger.queries import balance
from notifications.models import Message
from payments import services as payments
from payments.gateways.base import UNKNOWN, Outcome
from payments.models import Break, Charge, MovementEvent, Refund
from payments.services import charges
from payments.services.charges import CHARGES
from payments.services.recording import take_late_success
from payments.services.refunds import REFUNDS
from payments.services.turns import reverse_charges
from plans.models import Installment, Plan
from tests.collection.test_disputes import bank, hear, sold
from tests.collection.test_due_run import gateway_charges, states, told
from tests.collection.test_payments_taken_back import decide, fail, hear_of, turns, used, wrong
from tests.dying import dying_after
from tests.payments.test_made_after_all import arrive, close_unanswered
from tests.payments.test_other_ways_back import owed

__all__ = ["bank", "sold"]
DAY = timedelta(days=1)
SECOND = 14 * DAY
"""When the second of four payments of 57.25 is due, after the first."""
DENIED = SECOND + DAY
"""When two people say that it was not made."""


@pytest.fixture
def unheard(sold, monkeypatch, at):
    """The second charge of a plan: its gateway has made it, nobody heard of that, and two people closed it as not made."""
    with monkeypatch.context() as deaf:
        deaf.setattr(charges, "ask_once_more", lambda _kind, _request: UNKNOWN)
        assert collection.run_due(at=at + SECOND) == 1
    made = Charge.objects.get(status="unknown")
    for request in CHARGES.load([made.pk]):
        assert CHARGES.ask(request).status == "succeeded"
    close_unanswered(made, at + SECOND)
    made.refresh_from_db()
    assert (made.failure, paid(sold), [line for line in wrong() if "the gateway" in line] != []) == ("never_made", 1, True)
    return made


def paid(order):
    return sum(status == "paid" for _number, status, _attempts in states(order))


def retry(order, at):
    """Run what is due until the second payment is paid by another charge."""
    for hours in range(0, 24, 6):
        collection.run_due(at=at + timedelta(hours=hours))
    assert paid(order) == 2


def receivable(order):
    return balance(kind="receivable", owner=order.plan.public_id, currency="USD")


def test_what_is_still_owed_is_paid_by_it_once_and_nobody_acts(sold, unheard, at):
    before = used(sold)
    for _message in range(2):
        assert arrive(unheard, at + DENIED)
    unheard.refresh_from_db()
    assert (unheard.status, unheard.failure, unheard.settled_at) == ("succeeded", "", at + DENIED)
    assert (paid(sold), receivable(sold), used(sold), owed(sold), wrong()) == (2, 11_450, before - 5_725, 0, [])
    assert (turns(), Refund.objects.count(), Break.objects.filter(status="open").count()) == ([("by_hand", 5_725), ("made", 5_725)], 0, 0)
    (event,) = told("plans.payment_arrived")
    assert (event["installments"], event["amount_minor"], event["excess_minor"]) == ([2], 5_725, 0)
    assert collection.run_due(at=at + DENIED + DAY) == 0
    assert gateway_charges(sold) == [(5_725, "succeeded")] * 2


def test_what_was_paid_again_meanwhile_goes_back_by_itself_once(sold, unheard, at):
    retry(sold, at + DENIED)
    for _message in range(2):
        arrive(unheard, at + DENIED + DAY)
    back = Refund.objects.get()
    assert (back.charge, back.amount_minor, owed(sold), paid(sold), wrong()) == (unheard, 5_725, 5_725, 2, [])
    for _run in range(2):
        payments.send_refunds(at=at + DENIED + DAY)
    back.refresh_from_db()
    assert (back.status, owed(sold), receivable(sold), wrong()) == ("succeeded", 0, 11_450, [])
    assert not Break.objects.filter(status="open").exists()
    assert told("plans.payment_arrived")[0]["excess_minor"] == 5_725


def test_nothing_is_paid_before_its_date_and_a_day_later_is_taken_as_agreed(sold, unheard, at):
    """The third payment is open, and not due: the person did not agree to pay it now."""
    retry(sold, at + DENIED)
    arrive(unheard, at + DENIED + DAY)
    assert [status for _number, status, _attempts in states(sold)] == ["paid", "paid", "scheduled", "scheduled"]
    assert collection.run_due(at=at + 2 * SECOND) == 1


def test_what_another_charge_is_under_way_for_is_left_to_it(sold, unheard, monkeypatch, at):
    with monkeypatch.context() as deaf:
        deaf.setattr(charges, "ask_once_more", lambda _kind, _request: UNKNOWN)
        for hours in range(0, 24, 6):
            collection.run_due(at=at + DENIED + timedelta(hours=hours))
    again = Charge.objects.get(status="unknown")
    arrive(unheard, at + DENIED + DAY)
    assert (paid(sold), Refund.objects.get().amount_minor) == (1, 5_725)
    for request in CHARGES.load([again.pk]):
        CHARGES.record([(request, CHARGES.ask(request))], at + DENIED + DAY)
    payments.send_refunds(at=at + DENIED + DAY)
    assert (paid(sold), receivable(sold), owed(sold), wrong()) == (2, 11_450, 0, [])


def test_all_goes_back_where_the_plan_is_over(sold, unheard, at):
    for days in range(1, 60, 1):
        collection.run_due(at=at + SECOND + days * DAY)
    assert Plan.objects.get(pk=sold.plan_id).status == "completed"
    arrive(unheard, at + 80 * DAY)
    payments.send_refunds(at=at + 80 * DAY)
    assert (Refund.objects.get().status, owed(sold), receivable(sold), wrong()) == ("succeeded", 0, 0, [])


def test_the_last_payment_completes_its_plan(sold, unheard, at):
    Installment.objects.filter(plan=sold.plan_id, number=2).update(next_attempt_at=None)
    collection.run_due(at=at + 3 * SECOND)
    assert paid(sold) == 3
    arrive(unheard, at + 3 * SECOND)
    assert (Plan.objects.get(pk=sold.plan_id).status, receivable(sold), wrong()) == ("completed", 0, [])
    assert len(told("plans.plan_completed")) == 1


def test_giving_back_that_fails_is_put_before_people_and_the_person_chooses(sold, unheard, settings, at):
    retry(sold, at + DENIED)
    arrive(unheard, at + DENIED + DAY)
    payments.send_refunds(at=at + DENIED + DAY)
    back = Refund.objects.get()
    fail(back, settings, "expired_or_canceled_card", kind="refunds")
    hear_of(back, at + DENIED + 2 * DAY, about="refund")
    row = Break.objects.get(status="open")
    assert (row.kind, row.subject, owed(sold), wrong()) == ("refund_failed", back.public_id, 5_725, [])
    assert len(told("payments.refund_failed")) == 1


def test_the_person_is_told_what_counts_and_what_goes_back(sold, unheard, at):
    arrive(unheard, at + DENIED)
    drain()
    inbox = Message.objects.filter(kind="payment_arrived").values_list("channel", "context__amount_minor", "context__kept_minor")
    assert sorted(inbox) == [("email", 5_725, 5_725), ("inbox", 5_725, 5_725)]
    assert not Message.objects.filter(kind="payment_received", context__numbers=[2]).exists()


def test_an_answer_of_a_call_that_was_under_way_counts_as_a_message(sold, unheard, at):
    for request in CHARGES.load([unheard.pk]):
        assert CHARGES.record([(request, CHARGES.find(request))], at + DENIED) == 0
    assert (Charge.objects.get(pk=unheard.pk).status, paid(sold), wrong()) == ("succeeded", 2, [])


def test_a_bank_that_takes_it_back_afterwards_is_heard_as_of_any_other(sold, unheard, bank, at):
    arrive(unheard, at + DENIED)
    ref = bank(unheard)
    hear(ref, at + DENIED + DAY)
    decide(bank, ref, "lost", at + DENIED + 2 * DAY)
    assert (paid(sold), receivable(sold), wrong()) == (1, 17_175, [])


def test_one_that_came_back_after_it_was_made_is_for_a_person(sold, unheard, at):
    arrive(unheard, at + DENIED)
    (asked,) = CHARGES.load([unheard.pk])
    found = CHARGES.find(asked)
    assert reverse_charges(requests=[asked], outcome=Outcome("failed", "x_1", "came_back"), at=at + DENIED + DAY) == 1
    entries = Entry.objects.count()
    take_late_success(CHARGES, asked, found, at + DENIED + DAY)
    CHARGES.confirm(asked, found, at + DENIED + DAY)
    unheard.refresh_from_db()
    assert (unheard.status, Entry.objects.count()) == ("reversed", entries)
    assert set(Break.objects.filter(status="open", subject=unheard.public_id).values_list("kind", flat=True)) == {
        "answer_differs",
        "charge_reversed",
        "contradicted",
    }


@pytest.fixture
def stored(transactional_db, request):
    """Give a charge as above, in commits of its own."""
    return request.getfixturevalue("unheard")


def test_of_messages_that_come_at_once_one_books(stored, sold, at_once, at):
    retry(sold, at + DENIED)
    assert at_once(4, lambda _number: arrive(stored, at + DENIED + DAY)) == [True] * 4
    assert Entry.objects.filter(kind="charge", source=stored.public_id).count() == 1
    assert (MovementEvent.objects.filter(kind="made").count(), Refund.objects.count(), len(told("plans.payment_arrived"))) == (1, 1, 1)
    assert at_once(4, lambda _number: payments.send_refunds(at=at + DENIED + DAY)).count(1) == 1
    assert (owed(sold), wrong()) == (0, [])


def test_a_message_and_the_next_try_at_once_take_the_payment_once_or_give_one_back(stored, sold, at_once, at):
    later = at + DENIED + timedelta(hours=1)
    acts = [lambda: arrive(stored, later), lambda: collection.run_due(at=later)]
    at_once(2, lambda number: acts[number]())
    payments.send_refunds(at=later)
    assert (paid(sold), receivable(sold), owed(sold), wrong()) == (2, 11_450, 0, [])


STEPS = {
    "the charge counts": (charges, "confirm_movement"),
    "its turn is made": (charges, "turn_of_charge"),
    "the plan is paid": ("plans.services.charges", "_pay"),
    "all is written": ("plans.services.charges", "_write"),
    "the refund is opened": (payments, "open_refunds"),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_process_that_dies_after_any_step_has_booked_nothing_and_the_next_message_books_all(stored, sold, at, step):
    retry(sold, at + DENIED)
    place, name = STEPS[step]
    place = __import__(place, fromlist=["x"]) if isinstance(place, str) else place
    with dying_after(place, name):
        arrive(stored, at + DENIED + DAY)
    assert (Charge.objects.get(pk=stored.pk).status, Refund.objects.count(), told("plans.payment_arrived")) == ("failed", 0, [])
    arrive(stored, at + DENIED + DAY)
    payments.send_refunds(at=at + DENIED + DAY)
    assert (Refund.objects.get().status, paid(sold), owed(sold), wrong()) == ("succeeded", 2, 0, [])


def test_a_process_that_dies_between_the_gateway_and_the_books_gives_back_once(stored, sold, at):
    retry(sold, at + DENIED)
    arrive(stored, at + DENIED + DAY)
    for request in REFUNDS.load([Refund.objects.get().pk]):
        assert REFUNDS.ask(request).status == "succeeded"
    payments.send_refunds(at=at + DENIED + DAY)
    assert (Refund.objects.get().status, owed(sold), wrong()) == ("succeeded", 0, [])
