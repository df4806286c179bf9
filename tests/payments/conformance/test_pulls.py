"""What a gateway that debits bank accounts does: each pull once under its key, days on its way, and one end that stays."""

import pytest

from core.errors import DomainError, Invalid
from payments.errors import GatewayUnavailable
from payments.gateways.base import Pulls, Reports
from tests.payments.conformance.conftest import CLAIMED_BACK, LACKS_FUNDS


def begun(trial, number=None):
    account = trial.bank_account(number) if number else trial.bank_account()
    request = trial.pull(account.token)
    return request, trial.gateway.pull(request)


def test_it_is_a_gateway_of_pulls(trial):
    assert isinstance(trial.gateway, Pulls)


def test_an_account_is_known_by_its_bank_its_last_digits_its_mandate_and_its_scheme(trial):
    account = trial.bank_account()
    assert (account.last4, account.scheme) == ("6789", "us_bank_account")
    assert account.bank
    assert account.mandate
    assert account.token != trial.bank_account().token


def test_a_number_that_cannot_be_is_no_account(trial):
    with pytest.raises((Invalid, DomainError)):
        trial.bank_account("12")


def test_a_page_for_an_account_is_opened_and_has_none_at_first(trial):
    known = trial.payer
    if customer := trial.gateway.keep_customer(known):
        known = type(known)(reference=known.reference, email=known.email, customer=customer)
    opened = trial.gateway.start_mandate(known, return_url="http://shop.example/back?order=7", currency="USD")
    assert opened.url.startswith("http")
    assert opened.account is None
    read = trial.gateway.read_mandate(opened.ref)
    assert (read.ref, read.account) == (opened.ref, None)


def test_one_key_is_one_pull_that_is_on_its_way_and_can_be_looked_up(trial):
    request = trial.pull(trial.bank_account().token)
    assert trial.gateway.find_pull(request) is None
    first, again = trial.gateway.pull(request), trial.gateway.pull(request)
    assert first == again == trial.gateway.find_pull(request)
    assert (first.status, first.amount_minor, first.currency, first.failure) == ("under_way", 5_725, "USD", "")
    assert first.ref


def test_two_keys_are_two_pulls(trial):
    token = trial.bank_account().token
    one, other = (trial.gateway.pull(trial.pull(token)) for _ in range(2))
    assert one.ref != other.ref


def test_what_cleared_has_succeeded_with_its_very_amount(trial, bank):
    request, pulled = begun(trial)
    bank("clear", pulled.ref)
    ended = trial.gateway.find_pull(request)
    assert (ended.status, ended.ref, ended.amount_minor, ended.currency) == ("succeeded", pulled.ref, 5_725, "USD")


def test_a_pull_clears_by_itself_after_days(trial, bank):
    request, _ = begun(trial)
    bank.wait(1)
    assert trial.gateway.find_pull(request).status == "under_way"
    bank.wait(2)
    assert trial.gateway.find_pull(request).status == "succeeded"


def test_a_pull_of_an_empty_account_fails_days_later_and_stays_so(trial, bank):
    request, pulled = begun(trial, LACKS_FUNDS)
    assert pulled.status == "under_way"
    bank.wait(3)
    ended = trial.gateway.find_pull(request)
    assert (ended.status, ended.failure, ended.ref) == ("failed", "insufficient_funds", pulled.ref)
    bank.wait(30)
    assert trial.gateway.find_pull(request) == ended


def test_the_bank_says_why_a_pull_failed(trial, bank):
    request, pulled = begun(trial)
    bank("fail", pulled.ref, failure="account_closed")
    ended = trial.gateway.find_pull(request)
    assert (ended.status, ended.failure) == ("failed", "account_closed")


def test_what_is_claimed_back_is_in_the_report(trial, bank):
    assert isinstance(trial.gateway, Reports)
    request, _ = begun(trial, CLAIMED_BACK)
    bank.wait(3)
    (row,) = trial.gateway.report_charges(reference=request.reference)
    assert (row.status, row.withdrawn_minor) == ("succeeded", 0)
    bank.wait(6)
    (row,) = trial.gateway.report_charges(reference=request.reference)
    assert row.status == "failed" or row.withdrawn_minor == 5_725
    assert row.fee_minor > 0


def test_a_pull_on_its_way_is_reported_as_that(trial):
    request, pulled = begun(trial)
    (row,) = trial.gateway.report_charges(reference=request.reference)
    assert (row.key, row.ref, row.status, row.amount_minor) == (request.key, pulled.ref, "under_way", 5_725)


def test_an_account_that_was_removed_is_debited_no_more(trial):
    token = trial.bank_account().token
    trial.gateway.remove_account(token)
    trial.gateway.remove_account(token)
    assert trial.gateway.pull(trial.pull(token)).status == "failed"


def test_a_debit_on_its_way_is_not_lost_when_its_account_is_removed_and_can_be_refunded(trial, bank):
    account = trial.bank_account()
    request = trial.pull(account.token)
    pulled = trial.gateway.pull(request)
    trial.gateway.remove_account(account.token)
    assert trial.gateway.find_pull(request).status == "under_way"
    bank("clear", pulled.ref)
    assert trial.gateway.find_pull(request).status == "succeeded"
    assert trial.gateway.refund(trial.refund(request, pulled.ref, 725)).status == "succeeded"


def test_a_mandate_that_could_not_be_ended_is_an_error_and_no_silence(trial, down):
    token = trial.bank_account().token
    down()
    with pytest.raises(GatewayUnavailable):
        trial.gateway.remove_account(token)


def test_the_smallest_amount_is_taken_and_one_less_is_not(trial):
    token, least = trial.bank_account().token, trial.gateway.smallest("USD")
    assert trial.gateway.pull(trial.pull(token, least)).status == "under_way"
    small = trial.gateway.pull(trial.pull(token, least - 1))
    assert (small.status, small.failure) == ("failed", "amount_too_small")


def test_a_pull_is_refunded_once_it_cleared_and_not_before(trial, bank):
    request, pulled = begun(trial)
    assert trial.gateway.refund(trial.refund(request, pulled.ref, 725)).status == "failed"
    bank("clear", pulled.ref)
    part = trial.refund(request, pulled.ref, 725)
    first = trial.gateway.refund(part)
    assert first == trial.gateway.refund(part) == trial.gateway.find_refund(part)
    assert (first.status, first.amount_minor, first.currency) == ("succeeded", 725, "USD")
    assert trial.gateway.refund(trial.refund(request, pulled.ref, 5_001)).status == "failed"


def test_an_answer_that_was_lost_is_unknown_and_its_pull_is_found(trial, chaos):
    request = trial.pull(trial.bank_account().token)
    chaos(hang_up_after_recording=1)
    assert trial.gateway.pull(request).status == "unknown"
    found = trial.gateway.find_pull(request)
    assert (found.status, found.amount_minor) == ("under_way", 5_725)
    assert trial.gateway.pull(request).ref == found.ref


def test_a_pull_that_never_arrived_is_unknown_and_then_nothing(trial, chaos):
    request = trial.pull(trial.bank_account().token)
    chaos(hang_up_before_recording=1)
    assert trial.gateway.pull(request).status == "unknown"
    assert trial.gateway.find_pull(request) is None


def test_no_answer_is_unknown_and_never_a_refusal(trial, down):
    token = trial.bank_account().token
    known = trial.pull(token)
    trial.gateway.pull(known)
    down()
    assert trial.gateway.pull(trial.pull(token)).status == "unknown"
    assert trial.gateway.find_pull(known).status == "unknown"
    with pytest.raises(DomainError):
        trial.bank_account()
