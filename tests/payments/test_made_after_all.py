"""A refund or payout that two people closed as not made, and that its gateway says later to have made: the books follow, once."""

import itertools
from datetime import timedelta

import pytest

from accounts.models import User
from checkout import services as checkouts
from core import timers
from core.errors import Conflict
from core.relay import drain
from ledger.models import Entry
from ledger.queries import balance
from merchants.models import Membership, Settlement, SettlementItem
from merchants.queries import find_paid_with
from merchants.services import settle_merchants, update_terms
from notifications.models import Message
from payments import services as payments
from payments.gateways.base import Notice, Outcome
from payments.models import Break, Charge, MovementEvent, Payout, Refund
from payments.queries import list_bounced_payouts, list_unpaid_refunds
from payments.services import closing, refunds
from payments.services.payouts import PAYOUTS, reverse_payouts
from payments.services.recording import take_late_success
from payments.services.refunds import REFUNDS, reverse_refunds
from tests.collection.test_disputes import bank, hear, sold
from tests.collection.test_due_run import told
from tests.collection.test_payments_taken_back import decide, fail, first, hear_of, wrong
from tests.dying import dying_after
from tests.payments.test_other_ways_back import in_transit, owed, turns
from webhooks.models import MerchantEvent

__all__ = ["bank", "sold"]
DAY = timedelta(days=1)
EVENTS = itertools.count()


def close_unanswered(movement, at, *, happened=False):
    """Let two people close a movement that nobody answered for a day."""
    payments.note_unanswered(at=at + DAY)
    payments.close_by_hand(movement=movement, happened=happened, ref="", actor="proposal:prp_1", proposal="prp_1", at=at + DAY)


def arrive(movement, at):
    """Hear the gateway's message that a movement was made; each time another one."""
    about = type(movement).__name__.lower()
    notice = Notice(f"made_{next(EVENTS)}", f"{about}.succeeded", "x", about, movement.public_id, good=True)
    return payments.receive_event(gateway="sandbox", notice=notice, at=at)


def lost(order):
    return balance(kind="bad_debt", owner=order.plan.public_id, currency="USD")


@pytest.fixture
def refund(sold, merchant, at):
    """A refund of 10.00 that the gateway has made, that nobody heard of, and that two people closed as not made."""
    checkouts.refund_order(order_id=sold.id, merchant=merchant, amount_minor=18_175, reason="", actor="test", at=at)
    made = Refund.objects.get()
    for request in REFUNDS.load([made.pk]):
        assert REFUNDS.ask(request).status == "succeeded"
    close_unanswered(made, at)
    assert (owed(sold), Refund.objects.get().failure) == (1_000, "never_made")
    assert "the gateway" in " ".join(wrong())
    return made


def test_a_refund_that_was_made_after_all_pays_what_is_owed_once(sold, refund, at):
    payments.want_transfer(refund_id=refund.pk, holder="Ann", account="DK123456", actor="ann", at=at)
    for _message in range(2):
        assert arrive(refund, at + 2 * DAY)
    refund.refresh_from_db()
    assert (refund.status, refund.failure, refund.settled_at, owed(sold), lost(sold), wrong()) == ("succeeded", "", at + 2 * DAY, 0, 0, [])
    assert (turns(), first(sold).refunded_minor) == ([("by_hand", 1_000), ("made", 1_000)], 1_000)
    row = Break.objects.get(kind="refund_failed")
    assert (row.status, row.note, row.closed_by) == ("closed", "It was made after all, as its gateway says.", "")
    assert not Break.objects.filter(status="open").exists()
    assert told("payments.refund_arrived") == [
        {"refund": refund.public_id, "reference": sold.plan.public_id, "amount_minor": 1_000, "by": "card"}
    ]
    with pytest.raises(Conflict):
        payments.send_transfer(transfer_id=refund.transfers.get().pk, bank_reference="B-1", actor="olivia", at=at)


def test_an_answer_of_a_call_that_was_under_way_counts_as_a_message(sold, refund, at):
    for request in REFUNDS.load([refund.pk]):
        assert REFUNDS.record([(request, REFUNDS.find(request))], at + 2 * DAY) == 0
    assert (Refund.objects.get().status, owed(sold), wrong()) == ("succeeded", 0, [])


def test_what_was_to_be_sent_again_stays_here(sold, refund, at):
    again = payments.resend_refund(refund_id=refund.pk, actor="olivia", at=at + 2 * DAY)
    arrive(refund, at + 2 * DAY)
    again.refresh_from_db()
    assert (again.status, again.failure, owed(sold), lost(sold), wrong()) == ("failed", "made_before", 0, 0, [])
    assert payments.send_refunds(at=at + 2 * DAY) == 0
    assert (list_unpaid_refunds(sold.plan.public_id), first(sold).refunded_minor) == ([], 1_000)


@pytest.mark.parametrize("which", ["first", "second"])
def test_what_went_twice_is_lost_until_one_of_the_two_comes_back(sold, refund, settings, at, which):
    again = payments.resend_refund(refund_id=refund.pk, actor="olivia", at=at + 2 * DAY)
    payments.send_refunds(at=at + 2 * DAY)
    for _message in range(2):
        arrive(refund, at + 3 * DAY)
    assert (owed(sold), lost(sold), wrong()) == (0, 1_000, [])
    assert len(told("payments.refund_arrived")) == 1
    row = Break.objects.get(status="open")
    assert (row.kind, row.subject, row.detail["twice"]) == ("contradicted", refund.public_id, True)
    back = refund if which == "first" else again
    fail(back, settings, "expired_or_canceled_card", kind="refunds")
    hear_of(back, at + 4 * DAY, about="refund")
    back.refresh_from_db()
    row.refresh_from_db()
    assert (back.status, owed(sold), lost(sold), wrong()) == ("reversed", 0, 0, [])
    assert (row.status, row.note) == ("closed", "One of the two payments came back.")
    assert (list_unpaid_refunds(sold.plan.public_id), Break.objects.filter(status="open").count()) == ([], 0)
    assert first(sold).refunded_minor == 1_000


def both_come_back(first_back, then_back, settings, at):
    """Let the two payments of one refund come back, one after the other."""
    for number, back in enumerate((first_back, then_back)):
        fail(back, settings, "expired_or_canceled_card", kind="refunds")
        hear_of(back, at + (4 + number) * DAY, about="refund")


@pytest.mark.parametrize("order", ["first, second", "second, first"])
def test_where_both_come_back_the_person_is_owed_it_told_and_paid_again(sold, refund, settings, at, order):
    again = payments.resend_refund(refund_id=refund.pk, actor="olivia", at=at + 2 * DAY)
    payments.send_refunds(at=at + 2 * DAY)
    arrive(refund, at + 3 * DAY)
    both_come_back(*((refund, again) if order == "first, second" else (again, refund)), settings, at)
    assert (owed(sold), lost(sold), wrong(), list_unpaid_refunds(sold.plan.public_id)) == (1_000, 0, [], [again])
    assert first(sold).refunded_minor == 0
    row = Break.objects.get(status="open")
    assert (row.kind, row.subject, letters("refund_failed")) == ("refund_failed", again.public_id, 2)
    third = payments.resend_refund(refund_id=again.pk, actor="olivia", at=at + 6 * DAY)
    payments.send_refunds(at=at + 6 * DAY)
    third.refresh_from_db()
    assert (third.status, owed(sold), wrong(), first(sold).refunded_minor) == ("succeeded", 0, [], 1_000)
    assert not Break.objects.filter(status="open").exists()


def test_where_what_took_the_place_of_a_second_one_comes_back_the_person_is_paid_to_a_bank_account(sold, refund, settings, at):
    again = payments.resend_refund(refund_id=refund.pk, actor="olivia", at=at + 2 * DAY)
    arrive(refund, at + 2 * DAY)
    fail(refund, settings, "expired_or_canceled_card", kind="refunds")
    hear_of(refund, at + 3 * DAY, about="refund")
    assert (owed(sold), wrong(), list_unpaid_refunds(sold.plan.public_id)) == (1_000, [], [again])
    wanted = payments.want_transfer(refund_id=again.pk, holder="Ann", account="DK123456", actor="ann", at=at + 4 * DAY)
    payments.send_transfer(transfer_id=wanted.pk, bank_reference="B-1", actor="olivia", at=at + 4 * DAY)
    payments.confirm_transfer(transfer_id=wanted.pk, actor="oscar", at=at + 4 * DAY)
    assert (owed(sold), in_transit(sold), wrong(), list_unpaid_refunds(sold.plan.public_id)) == (0, 0, [], [])
    assert not Break.objects.filter(status="open").exists()


def test_what_is_owed_again_is_covered_by_a_bank_that_pays_the_same(sold, refund, bank, settings, at):
    again = payments.resend_refund(refund_id=refund.pk, actor="olivia", at=at + 2 * DAY)
    payments.send_refunds(at=at + 2 * DAY)
    arrive(refund, at + 3 * DAY)
    both_come_back(again, refund, settings, at)
    ref = bank(first(sold))
    hear(ref, at + 6 * DAY)
    decide(bank, ref, "lost", at + 7 * DAY)
    assert (owed(sold), wrong(), list_unpaid_refunds(sold.plan.public_id)) == (0, [], [])


def test_a_transfer_that_was_sent_meanwhile_is_rejected_and_nothing_is_lost(sold, refund, settings, at):
    transfer = payments.want_transfer(refund_id=refund.pk, holder="Ann", account="DK123456", actor="ann", at=at)
    payments.send_transfer(transfer_id=transfer.pk, bank_reference="B-1", actor="olivia", at=at)
    arrive(refund, at + 2 * DAY)
    assert (owed(sold), in_transit(sold), lost(sold), wrong()) == (0, 1_000, 1_000, [])
    payments.reject_transfer(transfer_id=transfer.pk, actor="oscar", at=at + 2 * DAY)
    assert (owed(sold), in_transit(sold), lost(sold), wrong()) == (0, 0, 0, [])
    assert Break.objects.get(kind="contradicted").status == "closed"
    fail(refund, settings, "expired_or_canceled_card", kind="refunds")
    hear_of(refund, at + 3 * DAY, about="refund")
    assert (owed(sold), lost(sold), wrong(), list_unpaid_refunds(sold.plan.public_id)) == (1_000, 0, [], [refund])
    assert first(sold).refunded_minor == 0


def test_a_transfer_that_is_confirmed_leaves_the_double_payment_to_a_person(sold, refund, at):
    transfer = payments.want_transfer(refund_id=refund.pk, holder="Ann", account="DK123456", actor="ann", at=at)
    payments.send_transfer(transfer_id=transfer.pk, bank_reference="B-1", actor="olivia", at=at)
    arrive(refund, at + 2 * DAY)
    payments.confirm_transfer(transfer_id=transfer.pk, actor="oscar", at=at + 2 * DAY)
    assert (owed(sold), lost(sold), wrong(), Break.objects.get(status="open").kind) == (0, 1_000, [], "contradicted")


@pytest.mark.parametrize("order", ["transfer, card", "card, transfer"])
def test_where_a_transfer_and_the_refund_both_come_back_the_person_is_owed_it_again(sold, refund, settings, at, order):
    transfer = payments.want_transfer(refund_id=refund.pk, holder="Ann", account="DK123456", actor="ann", at=at)
    payments.send_transfer(transfer_id=transfer.pk, bank_reference="B-1", actor="olivia", at=at)
    arrive(refund, at + 2 * DAY)
    payments.confirm_transfer(transfer_id=transfer.pk, actor="oscar", at=at + 2 * DAY)
    for number, what in enumerate(order.split(", ")):
        assert (owed(sold), lost(sold), wrong()) == (0, 0 if number else 1_000, [])
        if what == "transfer":
            payments.return_transfer(transfer_id=transfer.pk, actor="olivia", at=at + (3 + number) * DAY)
        else:
            fail(refund, settings, "expired_or_canceled_card", kind="refunds")
            hear_of(refund, at + (3 + number) * DAY, about="refund")
    assert (owed(sold), lost(sold), wrong(), list_unpaid_refunds(sold.plan.public_id)) == (1_000, 0, [], [refund])
    assert [row.kind for row in Break.objects.filter(status="open")] == ["refund_failed"]


def test_what_a_lost_dispute_has_paid_and_the_refund_too_is_lost(sold, refund, bank, at):
    ref = bank(first(sold))
    hear(ref, at + DAY)
    decide(bank, ref, "lost", at + DAY)
    arrive(refund, at + 2 * DAY)
    assert (owed(sold), lost(sold), wrong()) == (0, 1_000, [])


def test_what_comes_back_after_it_was_made_after_all_is_owed_as_any_other(sold, refund, settings, at):
    arrive(refund, at + 2 * DAY)
    fail(refund, settings, "expired_or_canceled_card", kind="refunds")
    hear_of(refund, at + 3 * DAY, about="refund")
    assert (owed(sold), wrong(), list_unpaid_refunds(sold.plan.public_id)) == (1_000, [], [refund])
    assert Break.objects.get(kind="refund_failed", status="open").number == 1
    assert [kind for kind, _ in turns()] == ["by_hand", "made", "returned"]
    assert letters("refund_failed") == 2


def letters(kind):
    """Return how many e-mails of a kind were written."""
    drain()
    return Message.objects.filter(kind=kind, channel="email").count()


def test_without_room_in_its_charge_it_is_for_a_person(sold, refund, at):
    Charge.objects.filter(pk=refund.charge_id).update(refunded_minor=5_000)
    arrive(refund, at + 2 * DAY)
    assert (Refund.objects.get().status, owed(sold)) == ("failed", 1_000)
    row = Break.objects.get(kind="contradicted")
    assert (row.status, row.detail["made"], "twice" in row.detail) == ("open", True, False)


def payable(shop):
    return -balance(kind="merchant_payable", owner=shop.public_id, currency="USD")


def sell(buy, merchant, at, **more):
    checkouts.capture_order(order_id=buy(merchant, 10_000, **more).id, merchant=merchant, amount_minor=None, actor="test", at=at)


@pytest.fixture
def payout(buy, merchant, at, sandbox_world):
    """A payout of 96.00 that the gateway has made, that nobody heard of, and that two people closed as not made."""
    sell(buy, merchant, at)
    settle_merchants(at=at + DAY)
    made = Payout.objects.get()
    for request in PAYOUTS.load([made.pk]):
        assert PAYOUTS.ask(request).status == "succeeded"
    close_unanswered(made, at + DAY)
    assert (Payout.objects.get().failure, payable(merchant)) == ("never_made", 9_600)
    return made


def test_a_payout_that_was_made_after_all_is_owed_no_more_once(merchant, payout, at):
    for _message in range(2):
        arrive(payout, at + 2 * DAY)
    payout.refresh_from_db()
    assert (payout.status, payable(merchant)) == ("succeeded", 0)
    assert Break.objects.get(kind="payout_failed").note == "It was made after all, as its gateway says."
    assert not Break.objects.filter(status="open").exists()
    timers.run_until_quiet(at=at + 4 * DAY)
    assert (Payout.objects.count(), payable(merchant), wrong()) == (1, 0, [])
    lines = SettlementItem.objects.order_by("id").values_list("kind", "gross_minor")
    assert list(lines)[1:] == [("bounce", 9_600), ("arrival", -9_600)]
    heard = MerchantEvent.objects.filter(type__startswith="payout.").order_by("sequence").values_list("type", flat=True)
    assert list(heard) == ["payout.bounced", "payout.arrived"]


def test_a_payout_that_was_paid_again_is_kept_back_from_later_statements(buy, merchant, payout, at):
    update_terms(merchant=merchant, changes={"payout_destination": "bank_2"}, actor="test", at=at)
    timers.run_until_quiet(at=at + 4 * DAY)
    assert (Payout.objects.filter(status="succeeded").count(), payable(merchant)) == (1, 0)
    for _message in range(2):
        arrive(payout, at + 5 * DAY)
    assert (payable(merchant), wrong()) == (-9_600, [])
    row = Break.objects.get(status="open")
    assert (row.kind, row.subject, row.detail["twice"]) == ("contradicted", payout.public_id, True)
    sell(buy, merchant, at + 5 * DAY, email="bo+approve@people.example", merchant_reference="B-2")
    timers.run_until_quiet(at=at + 6 * DAY)
    last = Settlement.objects.order_by("date").last()
    assert (last.bounced_minor, last.payout_minor, last.closing_minor, payable(merchant), wrong()) == (-9_600, 0, 0, 0, [])


def test_one_that_comes_back_since_is_owed_paid_and_told_as_any_other(merchant, payout, at):
    owner = User.objects.create_user("owner@shop.example")
    Membership.objects.create(user=owner, merchant=merchant, role="owner", added_at=at)
    arrive(payout, at + 2 * DAY)
    (asked,) = PAYOUTS.load([payout.pk])
    assert reverse_payouts(requests=[asked], outcome=Outcome("failed", "x_1", "account_closed"), at=at + 3 * DAY) == 1
    assert (payable(merchant), list_bounced_payouts([merchant.public_id])) == (9_600, [payout])
    assert Break.objects.get(kind="payout_failed", status="open").number == 1
    update_terms(merchant=merchant, changes={"payout_destination": "bank_2"}, actor="test", at=at)
    timers.run_until_quiet(at=at + 4 * DAY)
    assert (payable(merchant), list_bounced_payouts([merchant.public_id])) == (0, [])
    assert turns() == [(kind, 9_600) for kind in ("bounced", "by_hand", "made", "bounced", "resent")]
    assert find_paid_with(Settlement.objects.order_by("date").first()) == Settlement.objects.get(payout__status="succeeded")
    assert not Break.objects.filter(status="open").exists()
    assert [letters(kind) for kind in ("payout_bounced", "payout_arrived", "payout_resent")] == [2, 1, 1]
    heard = MerchantEvent.objects.filter(type__startswith="payout.").order_by("sequence").values_list("type", flat=True)
    assert list(heard) == ["payout.bounced", "payout.arrived", "payout.bounced", "payout.resent"]


@pytest.mark.parametrize(("name", "kind", "reverse"), [("refund", REFUNDS, reverse_refunds), ("payout", PAYOUTS, reverse_payouts)])
def test_one_that_its_gateway_took_back_since_is_for_a_person(db, request, at, name, kind, reverse):
    movement = request.getfixturevalue(name)
    arrive(movement, at + 3 * DAY)
    (asked,) = kind.load([movement.pk])
    assert reverse(requests=[asked], outcome=Outcome("failed", "x_1", "came_back"), at=at + 4 * DAY) == 1
    entries = Entry.objects.count()
    take_late_success(kind, asked, kind.find(asked), at + 5 * DAY)
    movement.refresh_from_db()
    assert (movement.status, Entry.objects.count()) == ("reversed", entries)
    assert Break.objects.get(subject=movement.public_id, status="open", kind="answer_differs")


@pytest.mark.parametrize("name", ["refund", "payout"])
def test_what_two_people_reversed_and_its_gateway_affirms_is_a_break_of_its_own(db, request, at, name):
    """Made by hand, denied, reversed by hand, and said to be made: the second contradiction is put before a person, too."""
    movement = request.getfixturevalue(name)
    arrive(movement, at + 3 * DAY)
    kind = closing.KINDS[type(movement)]
    (asked,) = kind.load([movement.pk])
    kind.reverse(requests=[asked], outcome=Outcome("failed", "", "never_made"), at=at + 4 * DAY)
    entries = Entry.objects.count()
    for _message in range(2):
        kind.confirm(asked, kind.find(asked), at + 5 * DAY)
    movement.refresh_from_db()
    assert (movement.status, Entry.objects.count()) == ("reversed", entries)
    assert Break.objects.filter(subject=movement.public_id, kind="contradicted", status="open").count() == 1


@pytest.fixture
def stored(transactional_db, request):
    """Give a refund as above, in commits of its own."""
    return request.getfixturevalue("refund")


def test_of_messages_that_come_at_once_one_books(stored, sold, at_once, at):
    assert at_once(4, lambda _number: arrive(stored, at + 2 * DAY)) == [True] * 4
    assert Entry.objects.filter(kind="card_refund", source=stored.public_id).count() == 1
    assert (MovementEvent.objects.filter(kind="made").count(), len(told("payments.refund_arrived"))) == (1, 1)
    assert (owed(sold), wrong()) == (0, [])


def test_a_message_and_an_operator_who_sends_it_again_at_once_pay_once_or_say_so(stored, sold, at_once, at):
    acts = [lambda: arrive(stored, at + 2 * DAY), lambda: payments.resend_refund(refund_id=stored.pk, actor="olivia", at=at + 2 * DAY)]
    at_once(2, lambda number: acts[number]())
    payments.send_refunds(at=at + 2 * DAY)
    assert (owed(sold), lost(sold), wrong()) == (0, 0, [])
    assert Refund.objects.filter(status="succeeded").count() == 1


def test_two_messages_at_once_that_both_came_back_leave_one_debt(stored, sold, settings, at_once, at):
    again = payments.resend_refund(refund_id=stored.pk, actor="olivia", at=at + 2 * DAY)
    payments.send_refunds(at=at + 2 * DAY)
    arrive(stored, at + 3 * DAY)
    for back in (stored, again):
        fail(back, settings, "expired_or_canceled_card", kind="refunds")
    at_once(4, lambda number: hear_of((stored, again)[number % 2], at + 4 * DAY, about="refund"))
    assert (owed(sold), lost(sold), wrong(), list_unpaid_refunds(sold.plan.public_id)) == (1_000, 0, [], [again])
    assert Break.objects.filter(status="open").count() == 1


@pytest.mark.parametrize("step", ["cover_loss", "_owe_last", "open_breaks"])
def test_a_process_that_dies_while_the_second_comes_back_has_booked_nothing_and_the_next_message_books_all(
    stored, sold, settings, at, step
):
    again = payments.resend_refund(refund_id=stored.pk, actor="olivia", at=at + 2 * DAY)
    payments.send_refunds(at=at + 2 * DAY)
    arrive(stored, at + 3 * DAY)
    fail(again, settings, "expired_or_canceled_card", kind="refunds")
    hear_of(again, at + 4 * DAY, about="refund")
    fail(stored, settings, "expired_or_canceled_card", kind="refunds")
    with dying_after(refunds, step):
        hear_of(stored, at + 5 * DAY, about="refund")
    assert (owed(sold), list_unpaid_refunds(sold.plan.public_id)) == (0, [])
    hear_of(stored, at + 5 * DAY, about="refund")
    assert (owed(sold), lost(sold), wrong(), list_unpaid_refunds(sold.plan.public_id)) == (1_000, 0, [], [again])


def test_a_process_that_dies_half_way_has_booked_nothing_and_the_next_message_books_all(stored, sold, at):
    with dying_after(refunds, "_call_off"):
        arrive(stored, at + 2 * DAY)
    assert (Refund.objects.get().status, owed(sold), told("payments.refund_arrived")) == ("failed", 1_000, [])
    arrive(stored, at + 2 * DAY)
    assert (Refund.objects.get().status, owed(sold), wrong()) == ("succeeded", 0, [])
