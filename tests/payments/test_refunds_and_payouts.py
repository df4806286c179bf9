"""Money that goes out: written down with what caused it, sent once, and posted when it went."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from core.clock import wall
from core.db import unit
from core.money import Money
from ledger import postings
from ledger.queries import balance
from payments import services as payments
from payments.errors import RefundTooLarge
from payments.gateways.base import Outcome, RefundRequest
from payments.models import Charge, Payout, Refund

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture
def paid(scripted, token_card, request_for, at):
    request = request_for(token_card, reference="pln_1")
    payments.open_charges(requests=[request], at=at)
    payments.run_charges(requests=[request], at=at)
    postings.charges([postings.ChargePosting(request.key, "pln_1", "sandbox", "USD", 0, 0, 5_725, at)])
    return Charge.objects.get()


def give_back(charge, *amounts):
    return [
        RefundRequest(
            gateway=charge.gateway,
            charge_id=charge.id,
            charge_ref=charge.gateway_ref,
            reference="pln_1",
            amount_minor=minor,
            currency="USD",
        )
        for minor in amounts
    ]


def owed():
    return balance(kind="refunds_payable", owner="pln_1", currency="USD"), balance(kind="cash", owner="sandbox", currency="USD")


def test_refunds_are_sent_once_and_posted_when_they_went(scripted, paid, at):
    with unit():
        payments.open_refunds(requests=give_back(paid, 1_000, 725), at=at)
    paid.refresh_from_db()
    assert (paid.refunded_minor, owed()) == (1_725, (-5_725, 5_725))
    assert payments.send_refunds(at=at) == 2
    assert payments.send_refunds(at=at) == 0
    assert owed() == (-4_000, 4_000)
    assert set(Refund.objects.values_list("status", flat=True)) == {"succeeded"}


def test_a_refund_beyond_the_charge_leaves_nothing_behind(scripted, paid, at):
    with pytest.raises(RefundTooLarge), transaction.atomic(), unit():
        payments.open_refunds(requests=give_back(paid, 5_000, 726), at=at)
    paid.refresh_from_db()
    assert (paid.refunded_minor, Refund.objects.count()) == (0, 0)


def test_a_refund_without_an_answer_keeps_its_key(scripted, paid, at):
    payments.open_refunds(requests=give_back(paid, 1_000), at=at)
    scripted.lose_answers = True
    assert payments.send_refunds(at=at) == 0
    assert owed() == (-5_725, 5_725)
    scripted.lose_answers = False
    Refund.objects.update(claimed_until=wall() - timedelta(seconds=1))
    assert payments.send_refunds(at=at) == 1
    refunds = [key for key in scripted.recorded if key.startswith("rfd_")]
    assert refunds == [Refund.objects.get().public_id]
    assert owed() == (-4_725, 4_725)


def test_a_refund_that_the_gateway_refuses_stays_owed(scripted, paid, at):
    (refund,) = payments.open_refunds(requests=give_back(paid, 1_000), at=at)
    scripted.answers[refund.public_id] = Outcome("failed", "", "charge_not_refundable")
    assert payments.send_refunds(at=at) == 1
    paid.refresh_from_db()
    refund.refresh_from_db()
    assert (refund.status, refund.failure, paid.refunded_minor, owed()) == ("failed", "charge_not_refundable", 0, (-5_725, 5_725))


def pay_out(at, reference="set_1"):
    return payments.open_payout(reference=reference, owner="mer_1", destination="bank_1", amount=Money(9_000, "USD"), at=at)


def test_payouts_are_sent_once_and_posted(scripted, db, at):
    pay_out(at)
    assert payments.send_payouts(at=at) == 1
    assert payments.send_payouts(at=at) == 0
    assert Payout.objects.get().status == "succeeded"
    assert balance(kind="payouts_in_transit", owner="mer_1", currency="USD") == 9_000
    assert balance(kind="cash", owner="sandbox", currency="USD") == -9_000


def test_one_payout_for_each_settlement(scripted, db, at):
    pay_out(at)
    with pytest.raises(IntegrityError), transaction.atomic():
        pay_out(at)
    assert Payout.objects.count() == 1


def test_a_payout_that_the_bank_refuses_is_not_posted(scripted, db, at):
    payout = pay_out(at)
    scripted.answers[payout.public_id] = Outcome("failed", "po_1", "account_closed")
    assert payments.send_payouts(at=at) == 1
    payout.refresh_from_db()
    assert (payout.status, payout.failure) == ("failed", "account_closed")
    assert balance(kind="payouts_in_transit", owner="mer_1", currency="USD") == 0
