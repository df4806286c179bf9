"""Fraud is assessed before the credit decision: it refuses, asks for another code first, or has people look, and each reader is told."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from checkout import services as checkouts
from checkout.coarse import load_declined
from checkout.events import CheckoutDeclined
from checkout.models import Checkout, Order, OrderReview
from checkout.queries import get_checkout
from controls.models import RuleVersion
from controls.services import ruling
from controls.services.shipping import ship_rules
from core.models import OutboxEvent
from credit.models import CreditLine, Decision
from credit.queries import can_be_overruled
from fraud.models import Assessment, FraudCase, Sighting
from tests.operators import make_boss, make_operator
from tests.owner import unguarded
from tests.portals.reading import hidden
from tests.portals.test_checkout_pages import at_plan, path, text, with_card
from tests.portals.test_proving import agree, told

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def says(transactional_db):
    """Give a function that lets rules about fraud say an outcome of every purchase."""
    ship_rules()

    def rule(outcome: str) -> None:
        then = {"outcome": outcome, "reason": "other"}
        content = {"rules": [{"id": "all", "name": "All", "when": "account_days >= 0", "then": then}], "examples": []}
        with unguarded():
            RuleVersion.objects.filter(kind="fraud").update(content=content)
        ruling.forget_rules()

    yield rule
    ruling.forget_rules()


def decided(checkout) -> Decision:
    return get_checkout(checkout.pk).decision


def test_another_code_comes_before_the_decision_is_final(client, open_checkout, email, says):
    says("step_up")
    checkout = open_checkout()
    at_plan(client, checkout, email("+approve"))
    first = decided(checkout)
    assert (first.outcome, first.reasons, first.inputs["safety"]["says"]) == ("step_up", ["another_code"], "step_up")
    assert not CreditLine.objects.exists()
    page = client.get(path(checkout))
    assert "we send another code before we decide" in text(page)
    assert client.get(path(checkout, "pay"), {"plan": "pay_in_4"})["Location"] == path(checkout)
    stranger = Client()
    assert stranger.post(path(checkout, "prove"), {"code": "111111"})["Location"] == path(checkout)
    assert decided(checkout) == first
    client.post(path(checkout, "prove-send"), hidden(page))
    shown = client.get(path(checkout, "prove"))
    assert "We sent 6 digits to" in text(shown)
    client.post(path(checkout, "prove"), hidden(shown) | {"code": "999999"})
    assert decided(checkout) == first
    assert client.post(path(checkout, "prove"), hidden(shown) | {"code": "111111"})["Location"] == path(checkout)
    second = decided(checkout)
    assert (second.outcome, second.inputs["safety"]["says"]) == ("approve", "allow")
    assert CreditLine.objects.get().limit_minor == second.limit_minor
    assert Assessment.objects.get(verdict="step_up").proved_at is not None
    assert not FraudCase.objects.exists()
    agree(client, checkout, with_card(checkout), told("a"))
    assert Order.objects.get().decision == second


def test_whoever_leaves_without_the_code_is_told_to_the_shop_in_one_word(client, open_checkout, email, says):
    says("step_up")
    checkout = open_checkout()
    at_plan(client, checkout, email("+approve"))
    assert load_declined([checkout]) == {}
    assert "Other ways to pay at" in text(client.get(path(checkout)))
    client.post(path(checkout, "leave"))
    assert load_declined([checkout]) == {checkout.pk: "identity"}
    assert FraudCase.objects.get().verdict == "step_up"


def test_a_refusal_for_fraud_is_an_outcome_of_the_decision(client, open_checkout, email, says):
    says("block")
    checkout = open_checkout()
    consumer = at_plan(client, checkout, email("+approve"))
    made = decided(checkout)
    assert (made.outcome, made.reasons, made.counter_minor) == ("decline", ["not_safe"], 0)
    assert not CreditLine.objects.exists()
    page = text(client.get(path(checkout)))
    assert "We could not make sure that it is you who is buying." in page
    assert "Ask a person to look again" in page
    assert load_declined([checkout]) == {checkout.pk: "other"}
    event = OutboxEvent.objects.get(name=CheckoutDeclined.NAME)
    assert event.payload["declined"] == "other"
    assert (FraudCase.objects.get().verdict, Sighting.objects.get().consumer) == ("block", consumer)


def test_people_who_look_again_have_it_assessed_anew_and_overrule_nothing(client, open_checkout, email, says):
    says("block")
    checkout = open_checkout()
    consumer = at_plan(client, checkout, email("+approve"))
    refused = decided(checkout)
    assert not can_be_overruled(refused)
    told = {"consumer": consumer, "reference": checkout.public_id, "at": refused.at + timedelta(minutes=5)}
    assert checkouts.decide_again(**told).reasons == ["not_safe"]
    assert decided(checkout) == refused
    # As when the fraud desk put them on the allow list, or labeled what they share.
    says("allow")
    assert checkouts.decide_again(**told).outcome == "approve"
    assert decided(checkout) is None


def test_a_hold_has_people_look_and_the_order_waits_for_its_rule(client, open_checkout, email, says):
    says("hold")
    checkout = open_checkout()
    at_plan(client, checkout, email("+approve"))
    made = decided(checkout)
    assert (made.outcome, made.reasons) == ("refer", ["safety_look"])
    assert not Sighting.objects.exists()
    says("allow")
    agree(client, checkout, with_card(checkout), told("a"))
    review = OrderReview.objects.get()
    assert [(cause["reason"], cause["facts"]["rule"]) for cause in review.causes] == [("rule", "All")]


def test_what_is_held_twice_is_told_once(client, open_checkout, email, says):
    says("hold")
    checkout = open_checkout()
    at_plan(client, checkout, email("+approve"))
    agree(client, checkout, with_card(checkout), told("a"))
    assert len(OrderReview.objects.get().causes) == 1


def test_a_look_that_lets_somebody_go_on_does_not_count_as_an_attempt(client, open_checkout, email, says):
    says("allow")
    for _n in range(2):
        checkout = open_checkout()
        at_plan(client, checkout, email("+approve"))
    assert not Sighting.objects.exists()
    counts = Assessment.objects.order_by("id").values_list("moment", "signals__twin_1d")
    assert set(counts) == {("decision", 1)}


def test_a_thief_is_asked_before_the_decision_if_their_browser_says_who_it_is(client, open_checkout, email):
    ship_rules()
    ruling.forget_rules()
    address, first = email("+approve"), open_checkout()
    client.post(path(first, "contact"), {"contact": address})
    client.post(path(first, "code"), {"code": "111111", "device": told("a")})
    at_plan(client, first, address)
    agree(client, first, with_card(first), told("a"))
    thief, dear = Client(), open_checkout(100_000)
    thief.post(path(dear, "contact"), {"contact": address})
    thief.post(path(dear, "code"), {"code": "111111", "device": told("b", screen=[1280, 800, 24, 1])})
    assert decided(dear).outcome == "step_up"
    assert Assessment.objects.get(verdict="step_up").findings[0][0] == "new-device"


def test_a_counter_offer_waits_for_the_code_and_stays(client, open_checkout, email, says):
    says("allow")
    consumer = at_plan(client, open_checkout(), email("+approve"))
    says("step_up")
    amount = CreditLine.objects.get().limit_minor + 20_000
    checkout = open_checkout(amount)
    client.post(path(checkout, "contact"), {"known": "1"})
    refused = decided(checkout)
    assert (refused.outcome, refused.reasons) == ("decline", ["limit_exceeded"])
    assert refused.counter_minor
    client.post(path(checkout, "counter-offer"))
    waits = get_checkout(checkout.pk)
    assert (waits.decision.outcome, waits.deposit_minor) == ("step_up", amount - refused.counter_minor)
    at = waits.decision.at + timedelta(minutes=1)
    checkouts.prove_person(checkout_id=checkout.pk, consumer=consumer, at=at)
    made = checkouts.decide(checkout_id=checkout.pk, at=at)
    assert (made.outcome in {"approve", "refer"}, made.amount_minor) == (True, refused.counter_minor)
    assert Checkout.objects.get(pk=checkout.pk).deposit_minor == waits.deposit_minor


def test_operators_read_it_with_the_decision_and_the_replay_looks_it_up(client, open_checkout, email, says, capsys):
    says("hold")
    checkout = open_checkout()
    at_plan(client, checkout, email("+approve"))
    made = decided(checkout)
    client.force_login(make_boss("boss@kvart.example"), backend="django.contrib.auth.backends.ModelBackend")
    page = text(client.get(reverse("admin:credit_decision_change", args=[made.pk])))
    assert "Assessment of fraud before the decision" in page
    assert "Rule “All” (version" in page
    assert "Signals of fraud" in page
    client.force_login(make_operator("clerk@kvart.example", may=["view_decision"]), backend="django.contrib.auth.backends.ModelBackend")
    page = text(client.get(reverse("admin:credit_decision_change", args=[made.pk])))
    assert ("Assessment of fraud before the decision" in page, "Signals of fraud" in page) == (True, False)
    call_command("decisions", "replay", "--all")
    assert (
        "1 of 1 identical\nassessments of fraud: 1 of 1 as decisions used them\nrules about fraud: 1 of 1 identical\n"
        in capsys.readouterr().out
    )
    with unguarded():
        Assessment.objects.update(verdict="allow")
    with pytest.raises(CommandError, match=f"1 of 1 decisions used another assessment than is kept; the first is {made.public_id}"):
        call_command("decisions", "replay", "--all")
