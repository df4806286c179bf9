"""Payments that had succeeded and come back: what the books say at each turn, what is owed, and what the person is told."""

from datetime import timedelta

import pytest
import requests

from checkout import services as checkouts
from collection import services as collection
from core import relay
from credit import services as credit
from credit.errors import LimitExceeded
from credit.models import CreditLine
from ledger.queries import balance
from notifications.letters import compose_letter
from notifications.models import Message
from notifications.queries import load_named
from payments import services as payments
from payments.gateways.base import Notice
from payments.models import Break, Charge, Dispute, MovementEvent, Refund
from plans.models import Installment, Plan
from reports.books import check_books
from tests.collection.test_disputes import EVENTS, bank, hear, sold
from tests.collection.test_due_run import captured, gateway_charges, states, told
from tests.owner import tamper

__all__ = ["bank", "sold"]
ACCOUNTS = ("cash", "chargebacks", "receivable", "refunds_payable", "bad_debt", "gateway_fees")


def wrong():
    return [line for check in check_books() for line in check.offenders]


def books(order):
    """What stands in the accounts of a plan, and of the one gateway."""
    owners = {"cash": "sandbox", "gateway_fees": ""}
    return {kind: balance(kind=kind, owner=owners.get(kind, order.plan.public_id), currency="USD") for kind in ACCOUNTS}


def of(cash, chargebacks, receivable, refunds=0, lost=0, fees=0):
    return dict(zip(ACCOUNTS, (cash, chargebacks, receivable, refunds, lost, fees), strict=True))


def turns():
    return list(MovementEvent.objects.order_by("id").values_list("kind", "amount_minor"))


def first(order):
    return Charge.objects.filter(reference=order.plan.public_id).order_by("id").first()


def used(order):
    return CreditLine.objects.get(consumer=order.consumer).used_minor


def decide(bank, ref, outcome, at):
    bank(ref, outcome)
    return hear(ref, at, "dispute.closed")


def fail(about, settings, failure="insufficient_funds", kind="charges"):
    headers = {"Authorization": f"Bearer {settings.SANDBOX_KEY}"}
    door = f"{settings.SANDBOX_URL}/control/{kind}/{about.public_id}/fail"
    assert requests.post(door, json={"failure": failure}, headers=headers, timeout=30).status_code == 200


def hear_of(movement, at, about="charge", good=False):
    notice = Notice(event_id=f"msg_{next(EVENTS)}", kind=f"{about}.failed", reference="x", about=about, key=movement.public_id, good=good)
    return payments.receive_event(gateway="sandbox", notice=notice, at=at)


def test_a_dispute_takes_the_money_and_its_end_says_whose_it_is(sold, bank, at):
    assert books(sold) == of(5_725, 0, 17_175)
    ref = bank(first(sold))
    hear(ref, at)
    away = of(-1_500, 5_725, 17_175, fees=1_500)
    assert (books(sold), turns(), states(sold)[0][1], wrong()) == (away, [("reversed", 5_725), ("fee", 1_500)], "paid", [])
    decide(bank, ref, "won", at)
    assert (books(sold), turns()[2:], wrong()) == (of(5_725, 0, 17_175), [("reinstated", 5_725), ("fee_returned", 1_500)], [])
    assert told("plans.payment_reversed") == told("plans.payment_reinstated") == []


def test_a_lost_dispute_is_owed_again_and_turns_back_where_it_is_won_after_all(sold, bank, at):
    before = used(sold)
    ref = bank(first(sold))
    hear(ref, at)
    day = at + timedelta(days=20)
    decide(bank, ref, "lost", day)
    assert (books(sold), states(sold)[0][1], used(sold)) == (of(-1_500, 0, 22_900, fees=1_500), "overdue", before + 5_725)
    (event,) = told("plans.payment_reversed")
    assert (event["installments"], event["amount_minor"], event["failure"], event["next_attempt_at"]) == ([1], 5_725, "disputed", "")
    assert wrong() == []
    assert Plan.objects.get(id=sold.plan_id).stopped_at == at
    decide(bank, ref, "won", day)
    assert (books(sold), states(sold)[0][1], used(sold)) == (of(5_725, 0, 17_175), "paid", before)
    (back,) = told("plans.payment_reinstated")
    assert (back["installments"], back["amount_minor"], back["excess_minor"]) == ([1], 5_725, 0)
    assert (wrong(), Plan.objects.get(id=sold.plan_id).stopped_at) == ([], None)
    decide(bank, ref, "lost", day)
    assert (books(sold), states(sold)[0][1], wrong()) == (of(-1_500, 0, 22_900, fees=1_500), "overdue", [])
    assert list(Break.objects.order_by("id").values_list("kind", "status")) == [
        *(("dispute", "closed"), ("dispute_lost", "closed"), ("dispute_lost", "open"))
    ]
    kinds = [change.kind for change in sold.plan.changes.order_by("id")]
    assert kinds == ["capture", "reversed", "reinstated", "resumed", "reversed"]


def test_the_person_hears_of_money_that_comes_back_after_the_goods_went_back(sold, bank, merchant, at):
    checkouts.refund_order(order_id=sold.id, merchant=merchant, amount_minor=22_900, reason="", actor="test", at=at)
    ref = bank(first(sold))
    hear(ref, at)
    for outcome in ("lost", "won"):
        decide(bank, ref, outcome, at)
    assert (told("plans.payment_reinstated")[0]["installments"], wrong()) == ([], [])
    relay.drain()
    letter = Message.objects.get(kind="payment_reinstated", channel="email")
    assert "$57.25" in compose_letter(letter, load_named([letter])).text


def test_what_was_paid_otherwise_meanwhile_goes_back_where_a_dispute_is_won_after_all(sold, bank, at):
    ref = bank(first(sold))
    hear(ref, at)
    decide(bank, ref, "lost", at)
    collection.resume_charging(break_id=Break.objects.get(kind="dispute_lost").id, note="She pays", actor="olivia", at=at)
    later = at + timedelta(days=7)
    assert collection.run_due(at=later) >= 1
    assert Installment.objects.get(plan=sold.plan_id, number=1).status == "paid"
    decide(bank, ref, "won", later)
    refund = Refund.objects.get()
    assert (refund.amount_minor, refund.charge_id, refund.status) == (5_725, first(sold).id, "pending")
    assert told("plans.payment_reinstated")[0]["excess_minor"] == 5_725
    payments.send_refunds(at=later)
    assert (balance(kind="refunds_payable", owner=sold.plan.public_id, currency="USD"), wrong()) == (0, [])


def test_a_refund_waits_for_the_dispute_and_is_paid_by_it_where_that_is_lost(sold, bank, merchant, at):
    ref = bank(first(sold))
    hear(ref, at)
    who = {"order_id": sold.id, "merchant": merchant, "actor": "test", "at": at}
    checkouts.refund_order(amount_minor=18_175, reason="", **who)
    refund = Refund.objects.get()
    assert (refund.amount_minor, payments.send_refunds(at=at), wrong()) == (1_000, 0, [])
    decide(bank, ref, "lost", at)
    refund.refresh_from_db()
    assert (refund.status, refund.failure, payments.send_refunds(at=at)) == ("failed", "charged_back", 0)
    assert books(sold) == of(-1_500, 0, 4_725, fees=1_500)
    assert ("covered", 1_000) in turns()
    assert wrong() == []
    decide(bank, ref, "won", at)
    assert (payments.send_refunds(at=at), books(sold), wrong()) == (1, of(4_725, 0, 0), [])


def test_a_refund_waits_and_is_sent_where_the_dispute_is_won(sold, bank, merchant, at):
    ref = bank(first(sold))
    hear(ref, at)
    checkouts.refund_order(order_id=sold.id, merchant=merchant, amount_minor=18_175, reason="", actor="test", at=at)
    decide(bank, ref, "won", at)
    assert (payments.send_refunds(at=at), books(sold), wrong()) == (1, of(4_725, 0, 0), [])


def test_what_had_gone_back_before_and_is_taken_back_once_more_is_lost(sold, bank, merchant, at):
    checkouts.refund_order(order_id=sold.id, merchant=merchant, amount_minor=18_175, reason="", actor="test", at=at)
    payments.send_refunds(at=at)
    ref = bank(first(sold))
    hear(ref, at)
    decide(bank, ref, "lost", at)
    assert (books(sold), wrong()) == (of(-2_500, 0, 4_725, lost=1_000, fees=1_500), [])
    decide(bank, ref, "won", at)
    assert (books(sold), wrong()) == (of(4_725, 0, 0), [])


def test_a_charge_that_its_bank_gives_back_is_owed_again_and_tried_again(sold, settings, at):
    day, before = at + timedelta(days=3), used(sold)
    charge = first(sold)
    fail(charge, settings)
    for _ in range(2):
        hear_of(charge, day)
    charge.refresh_from_db()
    assert (charge.status, charge.failure, turns()) == ("reversed", "insufficient_funds", [("reversed", 5_725), ("fee", 500)])
    assert (books(sold), used(sold), wrong()) == (of(-500, 0, 22_900, fees=500), before + 5_725, [])
    row = Installment.objects.get(plan=sold.plan_id, number=1)
    assert (row.status, row.paid_minor, row.paid_at, row.next_attempt_at) == ("overdue", 0, None, day + timedelta(days=1))
    assert Break.objects.get().kind == "charge_reversed"
    (event,) = told("plans.payment_reversed")
    assert (event["failure"], event["next_attempt_at"]) == ("insufficient_funds", (day + timedelta(days=1)).isoformat())
    assert collection.run_due(at=day) == 0
    assert collection.run_due(at=day + timedelta(days=1)) == 1
    assert sorted(gateway_charges(sold)) == [(5_725, "failed"), (5_725, "succeeded")]
    assert (states(sold)[0][1], wrong()) == ("paid", [])


def test_an_account_that_is_closed_is_not_tried_again(sold, settings, at):
    fail(first(sold), settings, "account_closed")
    hear_of(first(sold), at)
    method = Plan.objects.get(id=sold.plan_id).payment_method
    assert method.blocked_at == at
    assert Installment.objects.get(plan=sold.plan_id, number=1).next_attempt_at is None


def test_a_plan_that_was_paid_is_open_again_and_completed_again(buy, merchant, settings, at):
    order = captured(buy, merchant, at)
    for day in range(0, 60, 14):
        collection.run_due(at=at + timedelta(days=day))
    assert Plan.objects.get(id=order.plan_id).status == "completed"
    day = at + timedelta(days=50)
    last = Charge.objects.order_by("-id").first()
    fail(last, settings)
    hear_of(last, day)
    assert (Plan.objects.get(id=order.plan_id).status, states(order)[3][1], wrong()) == ("active", "overdue", [])
    collection.run_due(at=day + timedelta(days=1))
    assert (Plan.objects.get(id=order.plan_id).status, wrong()) == ("completed", [])


def test_a_part_of_a_payment_that_is_taken_back_leaves_the_other_part_paid(sold, bank, settings, at):
    headers = {"Authorization": f"Bearer {settings.SANDBOX_KEY}"}
    door = f"{settings.SANDBOX_URL}/control/charges/{first(sold).public_id}/dispute"
    ref = requests.post(door, json={"amount": 2_000}, headers=headers, timeout=30).json()["id"]
    hear(ref, at)
    decide(bank, ref, "lost", at + timedelta(days=1))
    row = Installment.objects.get(plan=sold.plan_id, number=1)
    assert (row.status, row.paid_minor, books(sold), wrong()) == ("overdue", 3_725, of(2_225, 0, 19_175, fees=1_500), [])


def test_what_is_owed_again_may_go_beyond_the_limit_and_nothing_more_is_lent_then(sold, settings, at):
    line = CreditLine.objects.get(consumer=sold.consumer)
    rest = {"consumer_id": sold.consumer_id, "currency": "USD", "amount_minor": line.limit_minor - line.used_minor, "at": at}
    credit.reserve(**rest)
    fail(first(sold), settings)
    hear_of(first(sold), at)
    line.refresh_from_db()
    assert (line.used_minor - line.limit_minor, line.beyond_minor) == (5_725, 5_725)
    with pytest.raises(LimitExceeded):
        credit.reserve(**rest | {"amount_minor": 1})
    collection.run_due(at=at + timedelta(days=1))
    line.refresh_from_db()
    assert (line.used_minor, line.beyond_minor) == (line.limit_minor, 0)
    credit.release(**rest)
    assert wrong() == []


@pytest.mark.django_db(transaction=True)
def test_the_turns_of_one_dispute_in_many_workers_are_recorded_once(sold, bank, at, at_once):
    ref = bank(first(sold))
    assert at_once(4, lambda _number: hear(ref, at)) == [True] * 4
    for outcome in ("lost", "won", "lost"):
        bank(ref, outcome)
        assert at_once(4, lambda _number: hear(ref, at, "dispute.closed")) == [True] * 4
        assert wrong() == []
    assert (Dispute.objects.get().status, len(turns())) == ("lost", 6)
    assert books(sold) == of(-1_500, 0, 22_900, fees=1_500)


def test_an_old_answer_never_takes_the_place_of_a_younger_one(sold, bank, at, monkeypatch):
    """Who asked before somebody else recorded asks again."""
    from payments.gateways.sandbox import SandboxGateway

    ref = bank(first(sold))
    hear(ref, at)
    genuine, stale = SandboxGateway.find_dispute, []

    def slow(self, name):
        found = genuine(self, name)
        if not stale:
            stale.append(found)
            for outcome in ("lost", "won"):
                decide(bank, ref, outcome, at)
        return found

    monkeypatch.setattr(SandboxGateway, "find_dispute", slow)
    hear(ref, at)
    assert (stale[0].status, Dispute.objects.get().status, wrong()) == ("open", "won", [])
    assert books(sold) == of(5_725, 0, 17_175)


@pytest.mark.django_db(transaction=True)
def test_a_turn_that_the_books_or_the_gateway_do_not_have_so_is_named(sold, bank, at):
    ref = bank(first(sold))
    assert wrong() == [
        f"charge {first(sold).public_id}: the gateway says 5725 withdrawn and 1500 of fees, we say 0 and 0 USD",
    ]
    hear(ref, at)
    assert wrong() == []
    turn = MovementEvent.objects.get(kind="reversed")
    tamper("UPDATE ledger_entry SET source = 'mev_none' WHERE source = %s", [turn.public_id])
    assert wrong() == [f"turn {turn.public_id}: reversed 5725 USD at sandbox, the ledger says nothing"]
    tamper("UPDATE ledger_entry SET source = %s WHERE source = 'mev_none'", [turn.public_id])
    tamper("UPDATE payments_dispute SET status = 'lost'")
    assert wrong() == [f"plan {sold.plan.public_id}: ledger 5725 USD, records 0 USD, off by 5725"]
