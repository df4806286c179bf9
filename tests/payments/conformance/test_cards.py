"""What a gateway of cards does: holds, charges and refunds, each once under its key, and never a refusal for no answer."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import requests

from core.errors import Unauthenticated
from payments.errors import CardRefused, GatewayUnavailable
from payments.gateways.base import Cards, Payer
from tests.payments.conformance.conftest import ANOTHER, DECLINED, GOOD, OTHER, REFUSED_AT_ONCE


def test_it_is_a_gateway_of_cards_and_works(trial):
    assert isinstance(trial.gateway, Cards)
    trial.gateway.health()


def test_one_key_is_one_charge_and_can_be_looked_up(trial):
    request = trial.charge(trial.card())
    assert trial.gateway.find_charge(request) is None
    first, again = trial.gateway.charge(request), trial.gateway.charge(request)
    assert first == again == trial.gateway.find_charge(request)
    assert (first.status, first.amount_minor, first.currency) == ("succeeded", 5_725, "USD")
    assert first.ref


def test_two_keys_are_two_charges(trial):
    token = trial.card()
    one, other = (trial.gateway.charge(trial.charge(token)) for _ in range(2))
    assert one.ref != other.ref


def test_one_key_is_one_hold_and_can_be_looked_up(trial):
    request = trial.hold(trial.card())
    assert trial.gateway.find_authorization(request) is None
    first, again = trial.gateway.authorize(request), trial.gateway.authorize(request)
    assert first == again == trial.gateway.find_authorization(request)
    assert (first.status, first.amount_minor, first.currency) == ("succeeded", 5_725, "USD")


@pytest.mark.parametrize("minor", [5_725, 5_000])
def test_a_hold_is_drawn_on_whole_or_in_part(trial, minor):
    token = trial.card()
    held = trial.gateway.authorize(trial.hold(token))
    request = trial.charge(token, minor, authorization_ref=held.ref)
    assert trial.gateway.find_charge(request) is None
    drawn = trial.gateway.charge(request)
    assert drawn == trial.gateway.charge(request) == trial.gateway.find_charge(request)
    assert (drawn.status, drawn.amount_minor) == ("succeeded", minor)


def test_a_hold_is_let_go_of_and_again(trial):
    held = trial.gateway.authorize(trial.hold(trial.card()))
    assert [trial.gateway.release(held.ref).status for _ in range(2)] == ["succeeded"] * 2


def test_what_was_held_and_let_go_of_is_charged_without(trial):
    token = trial.card()
    held = trial.gateway.authorize(trial.hold(token))
    trial.gateway.release(held.ref)
    request = trial.charge(token, authorization_ref=held.ref)
    taken = trial.gateway.charge(request)
    assert (taken.status, taken.amount_minor) == ("succeeded", 5_725)
    assert trial.gateway.find_charge(request) == taken


def test_more_than_was_held_is_charged_without(trial):
    token = trial.card()
    held = trial.gateway.authorize(trial.hold(token, 1_000))
    assert trial.gateway.charge(trial.charge(token, 5_725, authorization_ref=held.ref)).amount_minor == 5_725


@pytest.mark.parametrize("ask", ["charge", "hold"])
def test_a_refusal_has_failed_with_its_code_and_stays_so(trial, ask):
    token = trial.card(DECLINED)
    request = getattr(trial, ask)(token)
    act = {"charge": trial.gateway.charge, "hold": trial.gateway.authorize}[ask]
    outcome = act(request)
    assert (outcome.status, outcome.failure) == ("failed", "generic_decline")
    assert act(request).status == "failed"


def test_a_card_that_is_refused_at_once_is_not_kept(trial):
    with pytest.raises(CardRefused) as error:
        trial.card(REFUSED_AT_ONCE)
    assert error.value.failure == "generic_decline"


def test_a_card_that_was_removed_is_charged_no_more(trial):
    token = trial.card()
    trial.gateway.remove_card(token)
    trial.gateway.remove_card(token)
    assert trial.gateway.charge(trial.charge(token)).status == "failed"


def test_the_smallest_amount_is_taken_and_one_less_is_not(trial):
    token, least = trial.card(), trial.gateway.smallest("USD")
    assert trial.gateway.charge(trial.charge(token, least)).status == "succeeded"
    small = trial.gateway.charge(trial.charge(token, least - 1))
    assert (small.status, small.failure) == ("failed", "amount_too_small")


def test_refunds_go_back_once_each_and_never_more_than_was_taken(trial):
    request = trial.charge(trial.card())
    taken = trial.gateway.charge(request)
    part = trial.refund(request, taken.ref, 725)
    assert trial.gateway.find_refund(part) is None
    first = trial.gateway.refund(part)
    assert first == trial.gateway.refund(part) == trial.gateway.find_refund(part)
    assert (first.status, first.amount_minor, first.currency) == ("succeeded", 725, "USD")
    assert trial.gateway.refund(trial.refund(request, taken.ref, 5_001)).status == "failed"
    assert trial.gateway.refund(trial.refund(request, taken.ref, 5_000)).status == "succeeded"


def test_no_answer_is_unknown_and_never_a_refusal(trial, down):
    token = trial.card()
    charged, held = trial.charge(token), trial.hold(token)
    taken = trial.gateway.charge(charged)
    hold = trial.gateway.authorize(held)
    refund = trial.refund(charged, taken.ref, 100)
    down()
    ask: list[Callable[[], object]] = [
        lambda: trial.gateway.charge(trial.charge(token)),
        lambda: trial.gateway.find_charge(charged),
        lambda: trial.gateway.authorize(trial.hold(token)),
        lambda: trial.gateway.find_authorization(held),
        lambda: trial.gateway.release(hold.ref),
        lambda: trial.gateway.refund(refund),
        lambda: trial.gateway.find_refund(refund),
    ]
    assert [act().status for act in ask] == ["unknown"] * len(ask)
    with pytest.raises(GatewayUnavailable):
        trial.gateway.health()
    with pytest.raises(GatewayUnavailable):
        trial.card()


def test_what_anybody_could_have_signed_is_refused(trial):
    for headers in ({}, {"Stripe-Signature": "t=1,v1=00", "webhook-id": "e", "webhook-timestamp": "1", "webhook-signature": "v1,AA=="}):
        with pytest.raises(Unauthenticated):
            trial.gateway.verify_event(headers, b'{"type": "charge.succeeded", "data": {"id": "x"}}')


def added(trial, reference: str, number: str):
    payer = Payer(reference=reference, email=f"{reference}@people.example")
    return trial.gateway.add_card(replace(payer, customer=trial.gateway.keep_customer(payer)), number)


def test_a_number_has_one_fingerprint_whoever_adds_it(trial, settings):
    settings.SANDBOX = trial.account == "sandbox"
    cards = [added(trial, name, number) for name, number in (("anna", OTHER), ("bob", OTHER), ("bob", ANOTHER))]
    assert len({card.token for card in cards}) == 3
    assert cards[0].fingerprint == cards[1].fingerprint != cards[2].fingerprint
    assert all(card.fingerprint and OTHER not in card.fingerprint for card in cards)


def test_in_a_sandbox_a_published_card_is_nobodys_own(trial, settings):
    assert settings.SANDBOX
    assert added(trial, "anna", GOOD).fingerprint == ""


@pytest.mark.parametrize(("answer", "state"), [("yes", "confirmed"), ("no", "refused")])
def test_a_bank_confirms_a_card_that_it_would_not_ask_about(trial, answer, state):
    check = trial.gateway.start_card_check(trial.card(), return_url="https://shop.example/back?plan=1")
    assert "shop.example" not in check.url
    assert (check.state, trial.gateway.read_card_check(check.ref)) == ("open", check)
    bank = requests.get(check.url, timeout=10).url
    back = requests.post(bank, data={"answer": answer}, allow_redirects=False, timeout=10)
    assert back.headers["Location"].startswith("https://shop.example/back?plan=1&")
    found = trial.gateway.read_card_check(check.ref)
    assert (found.state, found.url) == (state, "")


def test_a_checked_card_stays_the_same_card(trial):
    token = trial.card()
    check = trial.gateway.start_card_check(token, return_url="https://shop.example/back")
    requests.post(requests.get(check.url, timeout=10).url, data={"answer": "yes"}, allow_redirects=False, timeout=10)
    assert trial.gateway.read_card_check(check.ref).state == "confirmed"
    assert trial.gateway.authorize(trial.hold(token)).status == "succeeded"
