"""The door for gateway events: signed, kept once, never believed."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
import requests
import stripe
from standardwebhooks import Webhook

from bnpl.env import PUBLISHED
from core.clock import wall
from payments import gateways
from payments import services as payments
from payments.gateways.base import Outcome
from payments.models import Charge, GatewayEvent
from tests import stripe_account
from tests.owner import tamper

pytestmark = pytest.mark.usefixtures("quiet")
DOOR = "/gateways/sandbox/events"


def post(client, settings, event, *, event_id="msg_1", secret=None, sent=None):
    body = json.dumps(event)
    sent = sent or datetime.now(UTC)
    signature = Webhook(secret or settings.SANDBOX_EVENTS_SECRET).sign(event_id, sent, body)
    headers = {"webhook-id": event_id, "webhook-timestamp": str(int(sent.timestamp())), "webhook-signature": signature}
    return client.post(DOOR, data=body, content_type="application/json", headers=headers)


def about(request, kind="charge.succeeded", **more):
    return {"type": kind, "timestamp": "2026-11-22T09:30:00Z", "data": {"id": "ch_1", "idempotency_key": request.key, "amount": 1, **more}}


@pytest.fixture
def asked(scripted, token_card, request_for, at):
    """A charge that the gateway took and whose answer was lost."""
    request = request_for(token_card)
    payments.open_charges(requests=[request], at=at)
    scripted.lose_answers = True
    payments.run_charges(requests=[request], at=at)
    scripted.lose_answers = False
    return request


@pytest.fixture(autouse=True)
def verify(request, monkeypatch, settings):
    """Let the scripted gateway verify events as the sandbox's does."""
    if "scripted" in request.fixturenames:
        from payments.gateways.sandbox import SandboxGateway
        from tests.payments.conftest import ScriptedGateway

        monkeypatch.setattr(ScriptedGateway, "verify_event", SandboxGateway.verify_event)


def test_an_event_settles_what_waits_for_an_answer_by_asking_the_gateway(client, settings, scripted, asked):
    Charge.objects.update(claimed_until=None)
    looked = len(scripted.looked_up)
    assert post(client, settings, about(asked)).status_code == 204
    charge = Charge.objects.get()
    assert (charge.status, charge.amount_minor) == ("succeeded", 5_725)
    assert scripted.looked_up[looked:] == [asked.key]
    assert post(client, settings, about(asked)).status_code == 204
    assert scripted.looked_up[looked:] == [asked.key]
    assert GatewayEvent.objects.count() == 1


def test_an_event_that_lies_changes_nothing(client, settings, scripted, asked):
    Charge.objects.update(claimed_until=None)
    scripted.recorded.clear()
    assert post(client, settings, about(asked)).status_code == 204
    assert Charge.objects.get().status == "unknown"
    scripted.recorded[asked.key] = Outcome("failed", "ch_1", "lost_card")
    assert post(client, settings, about(asked), event_id="msg_2").status_code == 204
    assert (Charge.objects.get().status, Charge.objects.get().failure) == ("failed", "lost_card")


def test_an_event_about_a_charge_that_somebody_is_at_is_only_noted(client, settings, scripted, asked):
    tamper("UPDATE payments_charge SET status = 'pending', claimed_until = %s", [wall() + timedelta(seconds=30)])
    looked = len(scripted.looked_up)
    assert post(client, settings, about(asked)).status_code == 204
    assert len(scripted.looked_up) == looked
    assert GatewayEvent.objects.get().kind == "charge.succeeded"


def test_an_event_about_a_charge_without_an_answer_does_not_wait_for_the_next_look(client, settings, scripted, asked):
    """`unknown` has a time for its next look; who is asking for it just then does no harm, since answers are recorded once."""
    Charge.objects.update(claimed_until=wall() + timedelta(minutes=10))
    assert post(client, settings, about(asked)).status_code == 204
    assert Charge.objects.get().status == "succeeded"


@pytest.mark.parametrize(
    "how",
    [
        {"secret": "whsec_b3RoZXJfc2VjcmV0X290aGVyX3NlY3JldA=="},
        {"sent": datetime.fromtimestamp(time.time() - 600, UTC)},
    ],
)
def test_a_wrong_or_old_signature_is_refused(client, settings, scripted, asked, how):
    Charge.objects.update(claimed_until=None)
    answer = post(client, settings, about(asked), **how)
    assert (answer.status_code, answer.json()["code"]) == (401, "payments.signature_invalid")
    assert Charge.objects.get().status == "unknown"
    assert GatewayEvent.objects.count() == 0


@pytest.mark.parametrize("event", [[], {}, {"type": "charge.succeeded"}, {"type": "charge.succeeded", "data": {"id": "ch_1"}}, 7])
def test_what_is_signed_and_no_event_is_refused(db, client, settings, scripted, event):
    assert post(client, settings, event).status_code == 400
    assert GatewayEvent.objects.count() == 0


def test_events_about_others_or_nothing_we_know_are_noted(client, settings, scripted, asked):
    for n, kind in enumerate(("dispute.created", "refund.succeeded", "payout.paid", "charge.succeeded")):
        event = {"type": kind, "data": {"id": "x_1", "idempotency_key": "somebody_elses"}}
        assert post(client, settings, event, event_id=f"msg_{n}").status_code == 204
    assert GatewayEvent.objects.count() == 4
    assert Charge.objects.get().status == "unknown"


def test_the_door_takes_posts_of_known_gateways_only(db, client, settings, scripted):
    assert client.get(DOOR).status_code == 405
    assert client.post("/gateways/nobody/events", data="{}", content_type="application/json").status_code == 404
    assert client.post(DOOR, data=b"x" * (256 * 1024 + 1), content_type="application/json").status_code == 413
    assert client.post(DOOR, data=b"\xff\xfe", content_type="application/json").status_code == 400


def test_a_person_who_confirms_makes_a_failed_charge_succeed_by_event(client, settings, consumer, sandbox_world, request_for, at):
    method = payments.add_card(consumer=consumer, number="4000002760003184", at=at)
    request = request_for(method)
    payments.open_charges(requests=[request], at=at)
    payments.run_charges(requests=[request], at=at)
    payments.block_methods(method_ids=[method.id], at=at)
    charge = Charge.objects.get()
    assert (charge.status, charge.failure) == ("failed", "authentication_required")
    post(client, settings, about(request))
    assert Charge.objects.get().status == "failed"
    requests.post(charge.action_url, data={"answer": "yes"}, timeout=30)
    post(client, settings, about(request), event_id="msg_2")
    charge.refresh_from_db()
    method.refresh_from_db()
    assert (charge.status, charge.failure, charge.action_url, method.blocked_at) == ("succeeded", "", "", None)


def stripe_event(settings, secret="whsec_test"):
    settings.PROVIDER_VALUES = settings.PROVIDER_VALUES | stripe_account.variables("http://127.0.0.1:9", secret=secret)
    gateways.forget()
    thing = {"id": "pi_1", "object": "payment_intent", "metadata": {}}
    body = json.dumps({"id": "evt_1", "object": "event", "type": "payment_intent.created", "data": {"object": thing}})
    stamp = int(time.time())
    signature = stripe.WebhookSignature._compute_signature(f"{stamp}.{body}", secret)
    return {
        "path": "/gateways/stripe/events",
        "data": body,
        "content_type": "application/json",
        "headers": {"Stripe-Signature": f"t={stamp},v1={signature}"},
    }


def test_a_gateway_that_is_not_in_use_has_no_door(client, settings, db, at):
    """Its signature may be right as can be: nobody asked for its events."""
    assert client.post(**stripe_event(settings)).status_code == 404
    settings.GATEWAY = "stripe"
    assert client.post(**stripe_event(settings)).status_code == 204
    assert GatewayEvent.objects.count() == 1
    gateways.forget()


def test_a_gateway_of_before_keeps_its_door_while_people_have_cards_there(client, settings, token_card):
    token_card.gateway = "stripe"
    token_card.save()
    assert client.post(**stripe_event(settings)).status_code == 204
    gateways.forget()


@pytest.mark.parametrize("mode", ["live", "sandbox"])
def test_live_has_no_door_for_the_sandbox(client, settings, token_card, mode):
    """Its secret is published: whoever reads the source could sign. Cards and settings of the sandbox change nothing."""
    settings.SANDBOX = mode == "sandbox"
    answer = post(
        client, settings, {"type": "charge.succeeded", "timestamp": "2026-11-22T09:30:00Z", "data": {"id": "ch_1", "idempotency_key": "k"}}
    )
    assert (answer.status_code, GatewayEvent.objects.count()) == ((204, 1) if mode == "sandbox" else (404, 0))


@pytest.mark.parametrize("secret", ["", "whsec_c2FuZGJveF9ldmVudHNfc2VjcmV0XzAwMDE=", "sandbox_gateway_key"])
def test_no_event_counts_that_anybody_could_have_signed(client, settings, db, secret):
    settings.GATEWAY, settings.SANDBOX, settings.PUBLISHED_SECRETS = "stripe", False, PUBLISHED
    answer = client.post(**stripe_event(settings, secret))
    assert (answer.status_code, GatewayEvent.objects.count()) == (401, 0)
    gateways.forget()


DEEP = '{"type": "charge.succeeded", "data": ' + "[" * 20_000 + "]" * 20_000 + "}"


def signed(client, settings, body, event_id="msg_1"):
    now = datetime.now(UTC)
    signature = Webhook(settings.SANDBOX_EVENTS_SECRET).sign(event_id, now, body)
    headers = {"webhook-id": event_id, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
    client.raise_request_exception = False
    return client.post("/gateways/sandbox/events", body, content_type="application/json", headers=headers)


@pytest.mark.parametrize(
    ("kind", "reference", "key"),
    [
        ("\\u0000", "a", "k"),
        ("charge.x", "\\ud800", "k"),
        ("charge.x", "a", "\\u0000"),
        ("x" * 200, "a", "k"),
        ("charge.x", "a" * 200, "k"),
    ],
)
def test_an_event_with_names_that_cannot_be_kept_is_refused(db, client, settings, scripted, kind, reference, key):
    body = f'{{"type": "{kind}", "data": {{"id": "{reference}", "idempotency_key": "{key}"}}}}'
    answer = signed(client, settings, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "payments.event_unreadable")
    assert not GatewayEvent.objects.exists()


@pytest.mark.parametrize(("body", "event_id"), [(DEEP, "msg_1"), ('{"type": "x.y", "data": {"id": "a"}}', "m" * 200)])
def test_a_deep_event_and_one_with_a_long_id_are_refused(db, client, settings, scripted, body, event_id):
    answer = signed(client, settings, body, event_id)
    assert (answer.status_code, answer.json()["code"]) == (400, "payments.event_unreadable")
    assert not GatewayEvent.objects.exists()
