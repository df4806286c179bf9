"""Holds: asked for twice they are one, and nothing stays held that nobody needs."""

from datetime import timedelta

import pytest
import requests

from core.errors import Conflict, NotFound
from core.money import Money
from payments import services as payments
from payments.gateways.base import Outcome
from payments.models import Authorization

AMOUNT = Money(5_725, "USD")


def hold(consumer, method, at, amount=AMOUNT, reference="chk_1"):
    return payments.authorize(consumer=consumer, method=method, amount=amount, reference=reference, at=at)


def at_gateway(settings, reference="chk_1"):
    answer = requests.get(
        f"{settings.SANDBOX_URL}/gateway/v1/authorizations?reference={reference}",
        headers={"Authorization": f"Bearer {settings.SANDBOX_KEY}"},
        timeout=30,
    )
    return [(row["amount"], row["status"]) for row in answer.json()["data"]]


def test_asking_twice_makes_one_hold(consumer, card, at, settings):
    first, second = hold(consumer, card, at), hold(consumer, card, at)
    assert (first.id, first.status) == (second.id, "succeeded")
    assert at_gateway(settings, "chk_1")[-1:] == [(5_725, "held")]
    assert Authorization.objects.count() == 1


def test_a_refused_hold_may_be_asked_for_again_and_is_another(consumer, scripted, token_card, at):
    from payments.models import PaymentMethod

    scripted.deaf = False
    refused = {}
    genuine = type(scripted)._do

    def once(request):
        refused.setdefault(request.key, True)
        return Outcome("failed", "a_1", "insufficient_funds") if len(refused) == 1 else genuine(scripted, request)

    scripted.authorize = once
    first, second = hold(consumer, token_card, at), hold(consumer, token_card, at)
    assert (first.status, first.failure, second.status) == ("failed", "insufficient_funds", "succeeded")
    assert first.id != second.id
    assert PaymentMethod.objects.count() == 1


def test_another_amount_for_the_same_thing_replaces_the_hold(consumer, card, at, settings):
    first = hold(consumer, card, at, reference="chk_2")
    second = hold(consumer, card, at, amount=Money(9_000, "USD"), reference="chk_2")
    assert payments.release_unused_authorizations(at=at) == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.released_at, second.released_at) == (at, None)
    assert at_gateway(settings, "chk_2") == [(5_725, "released"), (9_000, "held")]
    assert payments.release_unused_authorizations(at=at) == 0


def test_a_hold_without_an_answer_is_asked_for_under_the_same_key(consumer, scripted, token_card, at):
    scripted.lose_answers = True
    first = hold(consumer, token_card, at)
    assert first.status == "unknown"
    scripted.lose_answers = False
    second = hold(consumer, token_card, at)
    assert (second.id, second.status) == (first.id, "succeeded")
    assert len(scripted.recorded) == 1


def test_an_abandoned_hold_is_settled_by_look_up_alone(consumer, scripted, token_card, at):
    scripted.deaf = True
    lost = hold(consumer, token_card, at)
    Authorization.objects.update(claimed_until=None)
    scripted.deaf = False
    asked = len(scripted.asked)
    assert payments.resolve_authorizations(at=at) == 1
    lost.refresh_from_db()
    assert (lost.status, lost.failure, len(scripted.asked)) == ("failed", "never_held", asked)
    assert hold(consumer, token_card, at).status == "succeeded"


def test_release_now_or_by_the_timer(consumer, card, at, settings):
    first = hold(consumer, card, at, reference="chk_3")
    payments.release_authorization(authorization=first, at=at)
    payments.release_authorization(authorization=first, at=at)
    assert first.released_at == at
    second = hold(consumer, card, at, reference="chk_3")
    assert second.id != first.id
    payments.request_release(authorization_id=second.id, at=at)
    assert at_gateway(settings, "chk_3") == [(5_725, "released"), (5_725, "held")]
    assert payments.release_unused_authorizations(at=at) == 1
    assert at_gateway(settings, "chk_3") == [(5_725, "released"), (5_725, "released")]


def test_a_release_that_is_not_answered_is_asked_for_again(consumer, card, chaos, at):
    held = hold(consumer, card, at, reference="chk_4")
    chaos(fail_rate=1)
    payments.release_authorization(authorization=held, at=at)
    assert held.released_at is None
    chaos()
    Authorization.objects.update(claimed_until=None)
    assert payments.release_unused_authorizations(at=at) == 1


def test_holds_lapse_after_seven_days(consumer, card, at):
    held = hold(consumer, card, at, reference="chk_5")
    assert payments.release_unused_authorizations(at=at + timedelta(days=6, hours=23)) == 0
    assert payments.release_unused_authorizations(at=at + timedelta(days=7)) == 1
    held.refresh_from_db()
    assert held.released_at == at + timedelta(days=7)


@pytest.mark.usefixtures("quiet")
def test_what_a_charge_leaves_of_a_hold_is_let_go_of(consumer, card, request_for, at, settings):
    held = hold(consumer, card, at, reference="chk_6")
    request = request_for(card, 5_000, authorization_id=held.id, authorization_ref=held.gateway_ref)
    payments.open_charges(requests=[request], at=at)
    assert payments.release_unused_authorizations(at=at) == 0
    payments.run_charges(requests=[request], at=at)
    assert payments.release_unused_authorizations(at=at) == 1
    assert at_gateway(settings, "chk_6") == [(5_725, "released")]


def test_nobody_holds_money_on_somebody_elses_or_a_removed_card(stranger_consumer, consumer, card, at):
    with pytest.raises(NotFound):
        hold(stranger_consumer, card, at)
    payments.remove_method(consumer=consumer, method=card, at=at)
    card.refresh_from_db()
    with pytest.raises(Conflict):
        hold(consumer, card, at)
    assert Authorization.objects.count() == 0
