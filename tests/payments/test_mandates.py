"""Mandates of removed bank accounts: ended at the gateway once, tried again after a failure, and not before a debit has ended."""

from datetime import timedelta

import pytest

from core import timers
from payments import gateways
from payments import services as payments
from payments.gateways.base import Outcome, Pulls, done
from payments.models import Charge, PaymentMethod

pytestmark = pytest.mark.usefixtures("quiet")


def removed(consumer, method, at):
    payments.remove_method(consumer=consumer, method=method, at=at)
    return PaymentMethod.objects.get(id=method.id)


def test_a_removed_bank_account_is_ended_at_its_gateway_once(scripted, consumer, token_account, at):
    assert payments.end_mandates(at=at) == 0
    assert removed(consumer, token_account, at).ended_at is None
    assert (payments.end_mandates(at=at), payments.end_mandates(at=at)) == (1, 0)
    ended = PaymentMethod.objects.get()
    assert (scripted.ended, ended.ended_at, ended.claimed_until, ended.removed_at) == (["ba_x"], at, None, at)


def test_the_timer_finds_it(scripted, consumer, token_account, at):
    removed(consumer, token_account, at)
    timers.run_until_quiet(at=at)
    assert scripted.ended == ["ba_x"]


def test_a_card_that_was_removed_is_left_to_the_holds_on_it(scripted, consumer, token_card, at):
    removed(consumer, token_card, at)
    assert (payments.end_mandates(at=at), scripted.ended) == (0, [])


def test_what_has_no_answer_is_asked_for_again_when_its_claim_ends(scripted, consumer, token_account, at):
    removed(consumer, token_account, at)
    scripted.deaf = True
    assert (payments.end_mandates(at=at), payments.end_mandates(at=at)) == (0, 0)
    kept = PaymentMethod.objects.get()
    assert (kept.ended_at, kept.claimed_until is None, scripted.ended) == (None, False, ["ba_x"])
    scripted.deaf = False
    PaymentMethod.objects.update(claimed_until=kept.claimed_until - timedelta(hours=1))
    assert payments.end_mandates(at=at) == 1
    assert scripted.ended == ["ba_x", "ba_x"]


def test_a_debit_on_its_way_ends_first(scripted, consumer, token_account, request_for, at):
    request = request_for(token_account)
    payments.open_charges(requests=[request], at=at)
    removed(consumer, token_account, at)
    assert payments.end_mandates(at=at) == 0
    scripted.recorded[request.key] = Outcome("under_way", "x_1", amount_minor=5_725, currency="USD")
    payments.run_charges(requests=[request], at=at)
    assert (payments.end_mandates(at=at), scripted.ended) == (0, [])
    scripted.recorded[request.key] = done(request, "x_1")
    assert payments.resolve_pulls(at=at + timedelta(days=3)) == 1
    assert payments.end_mandates(at=at + timedelta(days=3)) == 1
    assert (scripted.ended, Charge.objects.get().status) == (["ba_x"], "succeeded")


def test_the_accounts_of_a_person_who_is_erased_are_ended_too(scripted, consumer, token_account, at):
    payments.forget_methods(consumer_id=consumer.id, at=at)
    assert payments.end_mandates(at=at) == 1
    assert scripted.ended == ["ba_x"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_end_it_once(scripted, consumer, token_account, at, at_once):
    removed(consumer, token_account, at)
    assert sorted(at_once(4, lambda _: payments.end_mandates(at=at))) == [0, 0, 0, 1]
    assert scripted.ended == ["ba_x"]


def test_after_that_the_sandbox_debits_it_no_more(consumer, sandbox_world, request_for, at):
    account = payments.add_account(consumer=consumer, number="000123456789", currency="USD", at=at)
    removed(consumer, account, at)
    assert payments.end_mandates(at=at) == 1
    assert gateways.connect("sandbox", Pulls).pull(request_for(account)).status == "failed"
