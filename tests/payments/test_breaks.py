"""What does not fit and what comes back: nothing is lost, nothing counts twice, the ledger says what is where, and a person is asked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.clock import wall
from core.db import unit
from core.errors import Conflict, Invalid, NotFound
from core.money import Money
from ledger import postings
from ledger.queries import balance
from payments import services as payments
from payments.gateways.base import AUTHENTICATION, Outcome, RefundRequest, done
from payments.models import Authorization, Break, Charge, Payout, Refund
from payments.queries import load_payouts, load_refunds
from payments.services.charges import confirm_charge
from payments.services.payouts import PAYOUTS
from payments.services.recording import take_news
from payments.services.refunds import REFUNDS

pytestmark = pytest.mark.usefixtures("quiet")
CHANGES = {
    "less": {"amount_minor": 5_724},
    "more": {"amount_minor": 5_726},
    "none": {"amount_minor": None},
    "other money": {"currency": "DKK"},
    "no money": {"currency": ""},
}


@pytest.fixture
def paid(scripted, token_card, request_for, at):
    request = request_for(token_card, reference="pln_1")
    payments.open_charges(requests=[request], at=at)
    payments.run_charges(requests=[request], at=at)
    postings.charges([postings.ChargePosting(request.key, "pln_1", "sandbox", "USD", 0, 0, 5_725, at)])
    return Charge.objects.get()


def give_back(charge, minor=1_000):
    wanted = {"gateway": charge.gateway, "charge_id": charge.id, "charge_ref": charge.gateway_ref, "reference": "pln_1"}
    return RefundRequest(**wanted, amount_minor=minor, currency="USD")


def held(kind, owner):
    return balance(kind=kind, owner=owner, currency="USD")


def owed():
    return held("refunds_payable", "pln_1"), held("cash", "sandbox")


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_charge_of_something_else_does_not_count_until_the_gateway_says_what_was_asked(scripted, token_card, request_for, at, change):
    request = request_for(token_card, reference="pln_1")
    scripted.answers[request.key] = replace(done(request, "ch_1"), **change)
    payments.open_charges(requests=[request], at=at)
    assert payments.run_charges(requests=[request], at=at) == 0
    charge, found = Charge.objects.get(), Break.objects.get()
    assert (charge.status, charge.gateway_ref, charge.settled_at) == ("unknown", "ch_1", None)
    assert (found.kind, found.subject, found.reference, found.status) == ("answer_differs", charge.public_id, "pln_1", "open")
    assert (found.amount_minor, found.currency, found.detail["ref"]) == (5_725, "USD", "ch_1")
    answered = {"amount_minor": 5_725, "currency": "USD", **change}
    told = (found.detail["answered_minor"], found.detail["answered_currency"])
    assert told == (answered["amount_minor"], answered["currency"])
    Charge.objects.update(claimed_until=wall() - timedelta(seconds=1))
    assert payments.resolve_charges(at=at) == 0
    assert Break.objects.count() == 1
    scripted.recorded[request.key] = done(request, "ch_1")
    Charge.objects.update(claimed_until=wall() - timedelta(seconds=1))
    assert payments.resolve_charges(at=at) == 1
    assert Charge.objects.get().status == "succeeded"


def test_a_hold_of_something_else_is_no_hold(scripted, consumer, token_card, at, monkeypatch):
    monkeypatch.setattr(scripted, "authorize", lambda request: replace(done(request, "a_1"), amount_minor=1))
    monkeypatch.setattr(scripted, "find_authorization", lambda request: replace(done(request, "a_1"), amount_minor=1))
    hold = payments.authorize(consumer=consumer, method=token_card, amount=Money(5_725, "USD"), reference="chk_1", at=at)
    assert (hold.status, Authorization.objects.count(), Break.objects.get().subject) == ("unknown", 1, hold.public_id)


def test_a_confirmed_charge_of_something_else_stays_failed(scripted, token_card, request_for, at):
    request = request_for(token_card)
    scripted.answers[request.key] = Outcome("failed", "ch_1", AUTHENTICATION, "https://bank.example/")
    payments.open_charges(requests=[request], at=at)
    payments.run_charges(requests=[request], at=at)
    assert confirm_charge(request=request, outcome=replace(done(request, "ch_1"), amount_minor=1), at=at) is False
    assert (Charge.objects.get().status, Break.objects.get().kind) == ("failed", "answer_differs")
    assert confirm_charge(request=request, outcome=done(request, "ch_1"), at=at) is True


def test_refunds_and_payouts_of_something_else_do_not_count(scripted, paid, at):
    payments.open_refunds(requests=[give_back(paid)], at=at)
    payments.open_payout(reference="set_1", owner="mer_1", destination="bank_1", amount=Money(9_000, "USD"), at=at)
    refund, payout = Refund.objects.get(), Payout.objects.get()
    scripted.answers[refund.public_id] = Outcome("succeeded", "re_1", amount_minor=999, currency="USD")
    scripted.answers[payout.public_id] = Outcome("succeeded", "po_1", amount_minor=9_001, currency="USD")
    assert (payments.send_refunds(at=at), payments.send_payouts(at=at)) == (0, 0)
    assert (Refund.objects.get().status, Payout.objects.get().status) == ("unknown", "unknown")
    assert set(Break.objects.values_list("kind", "subject")) == {("answer_differs", refund.public_id), ("answer_differs", payout.public_id)}
    assert (owed(), held("payouts_in_transit", "mer_1")) == ((-5_725, 5_725), 0)


def test_a_refund_that_fails_stays_owed_and_is_sent_again_once(scripted, paid, at):
    (refund,) = payments.open_refunds(requests=[give_back(paid)], at=at)
    scripted.answers[refund.public_id] = Outcome("failed", "", "charge_not_refundable")
    payments.send_refunds(at=at)
    paid.refresh_from_db()
    found = Break.objects.get()
    assert (found.kind, found.subject, found.reference, found.detail) == (
        *("refund_failed", refund.public_id, "pln_1"),
        {"failure": "charge_not_refundable"},
    )
    assert (paid.refunded_minor, owed()) == (0, (-5_725, 5_725))
    again = payments.resend_refund(refund_id=refund.id, actor="olivia", at=at)
    found.refresh_from_db()
    assert (found.status, found.closed_by, found.closed_at, found.note) == ("closed", "olivia", at, f"Sent again as {again.public_id}")
    with pytest.raises(Conflict):
        payments.resend_refund(refund_id=refund.id, actor="olivia", at=at)
    assert payments.send_refunds(at=at) == 1
    with pytest.raises(Conflict):
        payments.resend_refund(refund_id=again.id, actor="olivia", at=at)
    paid.refresh_from_db()
    assert (paid.refunded_minor, owed(), Refund.objects.count()) == (1_000, (-4_725, 4_725), 2)


def test_a_refund_that_comes_back_is_owed_again(scripted, paid, at):
    (refund,) = payments.open_refunds(requests=[give_back(paid)], at=at)
    payments.send_refunds(at=at)
    assert owed() == (-4_725, 4_725)
    (request,) = load_refunds([refund.id])
    for _ in range(2):
        take_news(REFUNDS, request, Outcome("failed", "re_1", "expired_or_canceled_card"), at)
        refund.refresh_from_db()
        paid.refresh_from_db()
        assert (refund.status, refund.failure, paid.refunded_minor) == ("reversed", "expired_or_canceled_card", 0)
        assert owed() == (-5_725, 5_725)
        assert Break.objects.get().kind == "refund_failed"
    payments.resend_refund(refund_id=refund.id, actor="olivia", at=at)
    assert (payments.send_refunds(at=at), owed()) == (1, (-4_725, 4_725))


def test_a_payout_that_comes_back_is_at_the_gateway_again(scripted, db, at):
    payout = payments.open_payout(reference="set_1", owner="mer_1", destination="bank_1", amount=Money(9_000, "USD"), at=at)
    payments.send_payouts(at=at)
    (request,) = load_payouts([payout.id])
    for _ in range(2):
        take_news(PAYOUTS, request, Outcome("failed", "po_1", "account_closed"), at)
        payout.refresh_from_db()
        assert (payout.status, payout.failure) == ("reversed", "account_closed")
        assert (held("cash", "sandbox"), held("payouts_in_transit", "mer_1")) == (0, 0)
        assert Break.objects.get().kind == "payout_failed"


def test_a_payout_that_was_taken_back_in_part_is_for_a_person(scripted, db, at):
    payout = payments.open_payout(reference="set_1", owner="mer_1", destination="bank_1", amount=Money(9_000, "USD"), at=at)
    payments.send_payouts(at=at)
    (request,) = load_payouts([payout.id])
    take_news(PAYOUTS, request, Outcome("succeeded", "po_1", amount_minor=5_000, currency="USD"), at)
    payout.refresh_from_db()
    assert (payout.status, Break.objects.get().detail["answered_minor"]) == ("succeeded", 5_000)


def test_a_break_is_closed_once_with_what_was_found(scripted, paid, at):
    (refund,) = payments.open_refunds(requests=[give_back(paid)], at=at)
    scripted.answers[refund.public_id] = Outcome("succeeded", "re_1", amount_minor=999, currency="USD")
    payments.send_refunds(at=at)
    found = Break.objects.get()
    with pytest.raises(Invalid):
        payments.close_break(break_id=found.id, note=" ", actor="olivia", at=at)
    found.refresh_from_db()
    assert found.status == "open"
    payments.close_break(break_id=found.id, note="Set right there", actor="olivia", at=at)
    with pytest.raises(Conflict):
        payments.close_break(break_id=found.id, note="Again", actor="oscar", at=at)
    found.refresh_from_db()
    assert (found.status, found.note, found.closed_by) == ("closed", "Set right there", "olivia")
    with pytest.raises(NotFound):
        payments.close_break(break_id=refund.id, note="Nothing", actor="olivia", at=at)


def test_a_refund_is_sent_again_once_by_many_at_once(scripted, paid, at, transactional_db, at_once):
    (refund,) = payments.open_refunds(requests=[give_back(paid)], at=at)
    scripted.answers[refund.public_id] = Outcome("failed", "", "charge_not_refundable")
    payments.send_refunds(at=at)
    results = at_once(4, lambda number: payments.resend_refund(refund_id=refund.id, actor=f"operator {number}", at=at))
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Conflict", "Conflict", "Refund"]
    assert Refund.objects.count() == 2


def test_a_refund_that_comes_back_while_somebody_records_it_is_taken_back_once(scripted, paid, at, transactional_db, at_once):
    (refund,) = payments.open_refunds(requests=[give_back(paid)], at=at)
    payments.send_refunds(at=at)
    (request,) = load_refunds([refund.id])
    results = at_once(4, lambda _number: take_news(REFUNDS, request, Outcome("failed", "re_1", "unknown"), at))
    assert results == [None] * 4
    assert owed() == (-5_725, 5_725)
    with unit():
        paid.refresh_from_db()
    assert paid.refunded_minor == 0
