"""A refund that does not arrive: nobody stays unpaid in silence, whichever way it is paid in the end."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction

from accounts.models import User
from checkout import services as checkouts
from core.clock import wall
from core.errors import Conflict, Invalid, NotFound
from core.relay import drain
from ledger.queries import balance
from notifications.models import Message
from payments import services as payments
from payments.gateways.base import UNKNOWN
from payments.models import Break, MovementEvent, Refund, Transfer
from payments.queries import list_unpaid_refunds, load_refunds
from payments.services import transfers
from payments.services.refunds import record_refunds
from tests.collection.test_disputes import bank, hear, sold
from tests.collection.test_due_run import told
from tests.collection.test_payments_taken_back import decide, fail, first, hear_of, wrong
from tests.dying import dying_after
from tests.operators import make_operator

__all__ = ["bank", "sold"]
LATER = timedelta(days=3)
ACCOUNT = {"holder": "Ann Andersen", "account": "dk50 0040 0440 1162 43"}


@pytest.fixture
def refund(sold, merchant, settings, at):
    """A refund of 10.00 that succeeded and came back from the card's bank three days later."""
    checkouts.refund_order(order_id=sold.id, merchant=merchant, amount_minor=18_175, reason="", actor="test", at=at)
    payments.send_refunds(at=at)
    made = Refund.objects.get()
    fail(made, settings, "expired_or_canceled_card", kind="refunds")
    hear_of(made, at + LATER, about="refund")
    made.refresh_from_db()
    return made


def owed(order):
    return -balance(kind="refunds_payable", owner=order.plan.public_id, currency="USD")


def in_transit(order):
    return -balance(kind="cash_in_transit", owner=order.plan.public_id, currency="USD")


def paid_by_bank():
    return -balance(kind="bank", owner="", currency="USD")


def turns():
    return list(MovementEvent.objects.order_by("id").values_list("kind", "amount_minor"))


def test_a_refund_that_comes_back_is_owed_and_its_person_is_asked(sold, refund, at):
    assert (refund.status, owed(sold), turns(), wrong()) == ("reversed", 1_000, [("returned", 1_000)], [])
    (event,) = told("payments.refund_failed")
    assert event == {"refund": refund.public_id, "reference": sold.plan.public_id, "amount_minor": 1_000, "by": "card"}
    row = Break.objects.get()
    with pytest.raises(Conflict) as error:
        payments.close_break(break_id=row.id, note="Never mind", actor="olivia", at=at)
    row.refresh_from_db()
    assert (error.value.code, row.status) == ("payments.refund_unpaid", "open")


def test_it_goes_to_another_card_once(sold, refund, consumers_card, at):
    other = consumers_card(sold, "5555555555554444")
    again = payments.redirect_refund(refund_id=refund.id, method=other, actor="ann", at=at)
    with pytest.raises(Conflict):
        payments.redirect_refund(refund_id=refund.id, method=other, actor="ann", at=at)
    with pytest.raises(Conflict):
        payments.want_transfer(refund_id=refund.id, **ACCOUNT, actor="ann", at=at)
    assert payments.send_refunds(at=at) == 1
    again.refresh_from_db()
    assert (again.status, again.payment_method, again.replaces, owed(sold), wrong()) == ("succeeded", other, refund, 0, [])
    assert told("payments.refund_arrived") == [
        {"refund": again.public_id, "reference": sold.plan.public_id, "amount_minor": 1_000, "by": "card"}
    ]
    assert (Break.objects.get().status, turns()) == ("closed", [("returned", 1_000), ("resent", 1_000)])


def test_it_comes_back_from_the_other_card_too_and_is_asked_for_again(sold, refund, consumers_card, settings, at):
    other = consumers_card(sold, "5555555555554444")
    again = payments.redirect_refund(refund_id=refund.id, method=other, actor="ann", at=at)
    payments.send_refunds(at=at)
    fail(again, settings, "unknown", kind="refunds")
    hear_of(again, at, about="refund")
    assert (owed(sold), [one.id for one in list_unpaid_refunds(sold.plan.public_id)], wrong()) == (1_000, [again.id], [])
    assert list(Break.objects.order_by("id").values_list("status", flat=True)) == ["closed", "open"]


def test_nobody_sends_it_to_somebody_elses_card_or_to_one_that_is_gone(sold, refund, consumers_card, buy, merchant, at):
    stranger = buy(merchant, 10_000, email="bo+approve@people.example", merchant_reference="B-2").plan.payment_method
    gone = consumers_card(sold, "5555555555554444")
    payments.remove_method(consumer=sold.consumer, method=gone, at=at)
    gone.refresh_from_db()
    for method in (stranger, gone):
        with pytest.raises(NotFound):
            payments.redirect_refund(refund_id=refund.id, method=method, actor="ann", at=at)
    assert (Refund.objects.count(), owed(sold)) == (1, 1_000)


def test_a_transfer_is_sent_by_one_and_confirmed_by_another(sold, refund, at):
    transfer = payments.want_transfer(refund_id=refund.id, **ACCOUNT, actor="ann", at=at)
    assert (transfer.account, owed(sold), in_transit(sold), wrong()) == ("DK50 0040 0440 1162 43", 1_000, 0, [])
    with pytest.raises(Conflict):
        payments.resend_refund(refund_id=refund.id, actor="olivia", at=at)
    with pytest.raises(Invalid):
        payments.send_transfer(transfer_id=transfer.id, bank_reference=" ", actor="olivia", at=at)
    with pytest.raises(Conflict):
        payments.confirm_transfer(transfer_id=transfer.id, actor="oscar", at=at)
    payments.send_transfer(transfer_id=transfer.id, bank_reference="B-77", actor="olivia", at=at)
    assert (owed(sold), in_transit(sold), paid_by_bank(), wrong()) == (0, 1_000, 0, [])
    with pytest.raises(Conflict) as error:
        payments.confirm_transfer(transfer_id=transfer.id, actor="olivia", at=at)
    assert error.value.code == "payments.transfer_by_two"
    assert Break.objects.get().status == "open"
    payments.confirm_transfer(transfer_id=transfer.id, actor="oscar", at=at)
    assert (in_transit(sold), paid_by_bank(), wrong(), turns()[-1]) == (0, 1_000, [], ("transferred", 1_000))
    row = Break.objects.get()
    assert (row.status, row.closed_by, row.note) == ("closed", "oscar", "Paid by bank transfer B-77")
    assert told("payments.refund_arrived")[0]["by"] == "transfer"
    with pytest.raises(Conflict):
        payments.confirm_transfer(transfer_id=transfer.id, actor="otto", at=at)
    assert list_unpaid_refunds(sold.plan.public_id) == []


def test_a_transfer_that_was_not_paid_is_owed_as_before_and_another_may_be_wanted(sold, refund, at):
    transfer = payments.want_transfer(refund_id=refund.id, **ACCOUNT, actor="ann", at=at)
    payments.send_transfer(transfer_id=transfer.id, bank_reference="B-77", actor="olivia", at=at)
    payments.reject_transfer(transfer_id=transfer.id, actor="oscar", at=at)
    assert (owed(sold), in_transit(sold), wrong()) == (1_000, 0, [])
    again = payments.want_transfer(refund_id=refund.id, holder="Ann", account="DK1234567890", actor="ann", at=at)
    last = payments.want_transfer(refund_id=refund.id, holder="Ann", account="DK1234567891", actor="ann", at=at)
    assert list(Transfer.objects.order_by("id").values_list("status", flat=True)) == ["rejected", "rejected", "wanted"]
    assert again.id != last.id
    with pytest.raises(Invalid):
        payments.want_transfer(refund_id=refund.id, holder="", account="none", actor="ann", at=at)


def paid_by_hand(refund, at, reference="B-77"):
    """Pay a refund to a bank account by two operators."""
    transfer = payments.want_transfer(refund_id=refund.id, **ACCOUNT, actor="ann", at=at)
    payments.send_transfer(transfer_id=transfer.id, bank_reference=reference, actor="olivia", at=at)
    return payments.confirm_transfer(transfer_id=transfer.id, actor="oscar", at=at)


def test_a_transfer_that_comes_back_is_owed_told_and_paid_again(sold, refund, at):
    for number, day in enumerate((at + 2 * LATER, at + 3 * LATER), 1):
        transfer = paid_by_hand(refund, day)
        assert (owed(sold), paid_by_bank(), list_unpaid_refunds(sold.plan.public_id), wrong()) == (0, 1_000, [], [])
        payments.return_transfer(transfer_id=transfer.id, actor="olivia", at=day)
        with pytest.raises(Conflict):
            payments.return_transfer(transfer_id=transfer.id, actor="olivia", at=day)
        assert (owed(sold), paid_by_bank(), list_unpaid_refunds(sold.plan.public_id), wrong()) == (1_000, 0, [refund], [])
        assert Break.objects.get(status="open").number == number
    drain()
    letters = Message.objects.filter(kind="refund_failed", channel="email").order_by("id")
    assert [one.context["by_transfer"] for one in letters] == [False, True, True]
    paid_by_hand(refund, at + 4 * LATER)
    assert (owed(sold), paid_by_bank(), wrong(), Break.objects.filter(status="open").count()) == (0, 1_000, [], 0)


@pytest.mark.parametrize("step", ["", "want", "send"])
def test_a_transfer_that_was_not_confirmed_does_not_come_back(sold, refund, at, step):
    transfer = payments.want_transfer(refund_id=refund.id, **ACCOUNT, actor="ann", at=at)
    if step == "send":
        payments.send_transfer(transfer_id=transfer.id, bank_reference="B-77", actor="olivia", at=at)
    if step == "":
        payments.reject_transfer(transfer_id=transfer.id, actor="olivia", at=at)
    stood = Transfer.objects.get().status
    with pytest.raises(Conflict):
        payments.return_transfer(transfer_id=transfer.id, actor="olivia", at=at)
    assert (Transfer.objects.get().status, wrong()) == (stood, [])


def test_who_rejects_a_transfer_that_is_confirmed_meanwhile_is_refused(sold, refund, at):
    transfer = paid_by_hand(refund, at)
    with pytest.raises(Conflict):
        payments.reject_transfer(transfer_id=transfer.id, actor="olivia", at=at)
    assert (Transfer.objects.get().status, owed(sold)) == ("confirmed", 0)


def test_who_a_confirmed_transfer_was_confirmed_by_stays(refund, at):
    transfer = paid_by_hand(refund, at)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Transfer.objects.filter(id=transfer.id).update(closed_by="otto")


@pytest.mark.parametrize("step", ["_close", "owe_transferred"])
def test_a_process_that_dies_while_a_transfer_comes_back_has_booked_nothing(transactional_db, sold, refund, at, step):
    transfer = paid_by_hand(refund, at)
    with dying_after(transfers, step):
        payments.return_transfer(transfer_id=transfer.id, actor="olivia", at=at)
    assert (Transfer.objects.get().status, owed(sold), paid_by_bank()) == ("confirmed", 0, 1_000)
    payments.return_transfer(transfer_id=transfer.id, actor="olivia", at=at)
    assert (owed(sold), paid_by_bank(), wrong(), list_unpaid_refunds(sold.plan.public_id)) == (1_000, 0, [], [refund])


def test_of_several_who_say_that_it_came_back_one_books(transactional_db, sold, refund, at, at_once):
    transfer = paid_by_hand(refund, at)
    results = at_once(4, lambda _number: payments.return_transfer(transfer_id=transfer.id, actor="olivia", at=at))
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Conflict", "Conflict", "Transfer"]
    assert (owed(sold), wrong(), len(told("payments.refund_failed"))) == (1_000, [], 2)


@pytest.mark.parametrize("wanted", [True, False])
def test_what_a_lost_dispute_has_paid_is_not_paid_a_second_time(sold, refund, bank, at, wanted):
    """Also where the refund did not arrive, and a person was asked where it shall go: the bank has given them that money."""
    transfer = payments.want_transfer(refund_id=refund.id, **ACCOUNT, actor="ann", at=at) if wanted else None
    ref = bank(first(sold))
    hear(ref, at)
    decide(bank, ref, "lost", at)
    lost = balance(kind="bad_debt", owner=sold.plan.public_id, currency="USD")
    assert (owed(sold), lost, wrong(), turns()[-1], list_unpaid_refunds(sold.plan.public_id)) == (0, 0, [], ("covered", 1_000), [])
    assert Break.objects.get(kind="refund_failed").status == "closed"
    if transfer is not None:
        with pytest.raises(Conflict):
            payments.send_transfer(transfer_id=transfer.id, bank_reference="B-77", actor="olivia", at=at)
    with pytest.raises(Conflict):
        payments.resend_refund(refund_id=refund.id, actor="olivia", at=at)
    decide(bank, ref, "won", at)
    again = Refund.objects.exclude(id=refund.id).get()
    assert (again.amount_minor, again.status, owed(sold), wrong()) == (1_000, "pending", 1_000, [])


@pytest.mark.parametrize("how", ["comes back", "fails"])
def test_a_refund_that_does_not_arrive_after_the_bank_has_paid_it_is_owed_no_more(sold, bank, merchant, settings, monkeypatch, at, how):
    checkouts.refund_order(order_id=sold.id, merchant=merchant, amount_minor=18_175, reason="", actor="test", at=at)
    made, failed = Refund.objects.get(), replace(UNKNOWN, status="failed", failure="expired_card")
    if how == "comes back":
        payments.send_refunds(at=at)
    else:
        Refund.objects.filter(id=made.id).update(claimed_until=wall() + timedelta(hours=1))
    ref = bank(first(sold))
    hear(ref, at)
    decide(bank, ref, "lost", at)
    assert balance(kind="bad_debt", owner=sold.plan.public_id, currency="USD") == 1_000
    if how == "comes back":
        fail(made, settings, "expired_or_canceled_card", kind="refunds")
        hear_of(made, at + LATER, about="refund")
    else:
        record_refunds([(request, failed) for request in load_refunds([made.id])], at)
    lost = balance(kind="bad_debt", owner=sold.plan.public_id, currency="USD")
    assert (owed(sold), lost, wrong(), list_unpaid_refunds(sold.plan.public_id)) == (0, 0, [], [])
    assert (told("payments.refund_failed"), Break.objects.filter(kind="refund_failed").count()) == ([], 0)
    decide(bank, ref, "won", at)
    assert (Refund.objects.exclude(id=made.id).get().amount_minor, owed(sold), wrong()) == (1_000, 1_000, [])


def test_a_transfer_that_is_given_up_after_the_bank_has_paid_is_owed_no_more(sold, refund, bank, at):
    transfer = payments.want_transfer(refund_id=refund.id, **ACCOUNT, actor="ann", at=at)
    payments.send_transfer(transfer_id=transfer.id, bank_reference="B-77", actor="olivia", at=at)
    ref = bank(first(sold))
    hear(ref, at)
    decide(bank, ref, "lost", at)
    assert balance(kind="bad_debt", owner=sold.plan.public_id, currency="USD") == 1_000
    payments.reject_transfer(transfer_id=transfer.id, actor="oscar", at=at)
    lost = balance(kind="bad_debt", owner=sold.plan.public_id, currency="USD")
    assert (owed(sold), in_transit(sold), lost, wrong(), list_unpaid_refunds(sold.plan.public_id)) == (0, 0, 0, [], [])
    assert Break.objects.get(kind="refund_failed").status == "closed"


def test_two_accounts_of_one_hand_do_not_pay_one_transfer(sold, refund, at):
    """As with held orders: one of them made or changed the other lately."""
    one, two = make_operator("olivia@kvart.example"), make_operator("second@kvart.example")
    about = {"content_type": ContentType.objects.get_for_model(User), "object_id": str(two.pk), "object_repr": "Second"}
    LogEntry.objects.create(user=one, action_flag=ADDITION, action_time=at - timedelta(days=6), **about)
    transfer = payments.want_transfer(refund_id=refund.id, **ACCOUNT, actor="ann", at=at)
    payments.send_transfer(transfer_id=transfer.id, bank_reference="B-77", actor=str(one.pk), at=at)
    with pytest.raises(Conflict) as error:
        payments.confirm_transfer(transfer_id=transfer.id, actor=str(two.pk), at=at)
    transfer.refresh_from_db()
    assert (error.value.code, transfer.status, in_transit(sold)) == ("payments.transfer_by_two", "sent", 1_000)
    payments.confirm_transfer(transfer_id=transfer.id, actor=str(two.pk), at=at + timedelta(days=2))
    assert (in_transit(sold), wrong()) == (0, [])


@pytest.mark.django_db(transaction=True)
def test_many_who_send_and_confirm_at_once_pay_once(sold, refund, at, at_once):
    transfer = payments.want_transfer(refund_id=refund.id, **ACCOUNT, actor="ann", at=at)
    sent = at_once(4, lambda n: payments.send_transfer(transfer_id=transfer.id, bank_reference=f"B-{n}", actor=f"operator {n}", at=at))
    assert sorted(type(one).__name__ for one in sent) == ["Conflict", "Conflict", "Conflict", "Transfer"]
    confirmed = at_once(4, lambda n: payments.confirm_transfer(transfer_id=transfer.id, actor=f"other {n}", at=at))
    assert sorted(type(one).__name__ for one in confirmed) == ["Conflict", "Conflict", "Conflict", "Transfer"]
    assert (owed(sold), in_transit(sold), paid_by_bank(), wrong()) == (0, 0, 1_000, [])


@pytest.mark.django_db(transaction=True)
def test_another_card_and_a_transfer_at_once_pay_once(sold, refund, consumers_card, at, at_once):
    other = consumers_card(sold, "5555555555554444")
    work = [
        lambda: payments.redirect_refund(refund_id=refund.id, method=other, actor="ann", at=at),
        lambda: payments.want_transfer(refund_id=refund.id, **ACCOUNT, actor="ann", at=at),
        lambda: payments.resend_refund(refund_id=refund.id, actor="olivia", at=at),
    ]
    results = at_once(3, lambda number: work[number]())
    assert sorted(isinstance(one, Conflict) for one in results) == [False, True, True]
    payments.send_refunds(at=at)
    assert wrong() == []


@pytest.fixture
def consumers_card():
    """`consumers_card(order, number)` adds a card of an order's consumer."""

    def add(order, number):
        return payments.add_card(consumer=order.consumer, number=number, at=order.created_at)

    return add


def test_the_letters_say_where_the_money_went(sold, refund, at):
    from notifications import handlers
    from payments import events

    about = {"refund": refund.public_id, "reference": sold.plan.public_id, "amount_minor": 1_000}
    handlers.on_refund_failed(events.RefundFailed(**about), at=at)
    handlers.on_refund_arrived(events.RefundArrived(**about, by="transfer"), at=at)
    assert set(Message.objects.values_list("kind", flat=True)) >= {"refund_failed", "refund_arrived"}
