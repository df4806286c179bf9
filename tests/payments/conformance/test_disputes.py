"""Every gateway tells of disputes and of cards that it declined in the same way: by an event that names one, and when it is asked."""

import contextlib
import json
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import requests
import stripe
from standardwebhooks import Webhook

from core.errors import Malformed
from core.providers import get_account
from payments.errors import GatewayUnavailable
from payments.gateways.base import AuthorizationRequest, ChargeRequest, Payer, ReportedDispute
from payments.gateways.sandbox import SandboxGateway
from payments.gateways.stripe import StripeGateway
from tests import stripe_account


@pytest.fixture(params=["sandbox", "stripe"])
def gateway(request, sandbox_world, settings):
    settings.PROVIDER_VALUES = settings.PROVIDER_VALUES | stripe_account.variables(sandbox_world)
    return {"sandbox": SandboxGateway, "stripe": StripeGateway}[request.param](get_account(request.param))


def name_of(gateway):
    return "stripe" if isinstance(gateway, StripeGateway) else "sandbox"


@pytest.fixture
def bank(sandbox_world, settings):
    def act(door, **body):
        headers = {"Authorization": f"Bearer {settings.SANDBOX_KEY}"}
        answer = requests.post(f"{sandbox_world}/control/{door}", json=body, headers=headers, timeout=30)
        assert answer.status_code < 300, answer.text
        return answer.json()

    return act


@pytest.fixture(params=["plain", "held"])
def charged(request, gateway):
    """A charge that succeeded, plain or drawn on a hold: its key and the gateway's reference."""
    payer = Payer(reference="con_1", email="anna@people.example")
    token = gateway.add_card(replace(payer, customer=gateway.keep_customer(payer)), "4242424242424242").token
    about = {
        "gateway": name_of(gateway),
        "token": token,
        "payment_method_id": None,
        "reference": "pln_1",
        "amount_minor": 5_725,
        "currency": "USD",
    }
    held = gateway.authorize(AuthorizationRequest(**about)).ref if request.param == "held" else ""
    asked = ChargeRequest(**about, authorization_ref=held)
    return asked.key, gateway.charge(asked).ref


def event_of(gateway, settings, kind, thing):
    """An event as the gateway documents it, signed."""
    if name_of(gateway) == "stripe":
        kind = f"charge.{kind}" if kind.startswith("dispute") else kind
        return signed(gateway, settings, json.dumps({"id": "evt_1", "object": "event", "type": kind, "data": {"object": thing}}))
    return signed(gateway, settings, json.dumps({"type": kind, "timestamp": "2026-11-22T09:30:00Z", "data": thing}))


def signed(gateway, settings, body):
    """A body with its headers, as the gateway signs it."""
    if name_of(gateway) == "stripe":
        sent = int(time.time())
        signature = stripe.WebhookSignature._compute_signature(f"{sent}.{body}", "whsec_test")
        return {"Stripe-Signature": f"t={sent},v1={signature}"}, body.encode()
    sent = datetime.now(UTC)
    signature = Webhook(settings.SANDBOX_EVENTS_SECRET).sign("evt_1", sent, body)
    return {"webhook-id": "evt_1", "webhook-timestamp": str(int(sent.timestamp())), "webhook-signature": signature}, body.encode()


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_a_dispute_is_told_and_looked_up_from_beginning_to_end(gateway, charged, bank, settings, outcome):
    """Its money is away until it is won; the sandbox's gateway gives its fee back then, Stripe keeps it."""
    key, ref = charged
    thing = bank(f"charges/{ref}/dispute", reason="fraudulent")
    stripes = name_of(gateway) == "stripe"
    for kind, status in (("dispute.created", "open"), ("dispute.closed", outcome)):
        if kind == "dispute.closed":
            thing = bank(f"disputes/{thing['id']}/close", outcome=outcome)
        notice = gateway.verify_event(*event_of(gateway, settings, kind, thing))
        assert (notice.event_id, notice.about, notice.reference) == ("evt_1", "dispute", thing["id"])
        away, fee = (0, 1_500 if stripes else 0) if status == "won" else (5_725, 1_500)
        assert gateway.find_dispute(notice.reference) == ReportedDispute(
            ref=thing["id"],
            key=key,
            amount_minor=5_725,
            currency="USD",
            reason="fraudulent",
            status=status,
            withdrawn_minor=away,
            fee_minor=fee,
            fee_currency="USD" if stripes else "",
        )
        (line,) = (row for row in gateway.report_charges() if row.key == key)
        assert (line.status, line.withdrawn_minor, line.fee_minor) == ("succeeded", away, fee)


def test_the_events_of_a_disputes_money_are_of_the_dispute(sandbox_world, settings):
    settings.PROVIDER_VALUES = settings.PROVIDER_VALUES | stripe_account.variables(sandbox_world)
    gateway = StripeGateway(get_account("stripe"))
    for kind in ("dispute.funds_withdrawn", "dispute.funds_reinstated"):
        notice = gateway.verify_event(*event_of(gateway, settings, kind, {"id": "dp_1", "object": "dispute", "metadata": {}}))
        assert (notice.about, notice.reference) == ("dispute", "dp_1")


SHAPES = [None, 5, "x", [], {}, {"id": []}]


@pytest.mark.parametrize("thing", SHAPES)
@pytest.mark.parametrize("kind", ["charge.failed", "dispute.created", "setup.failed", "setup_intent.setup_failed", "refund.failed", "x"])
def test_a_signed_event_about_no_object_is_refused_or_about_nothing_of_ours(gateway, settings, kind, thing):
    with contextlib.suppress(Malformed):
        assert gateway.verify_event(*event_of(gateway, settings, kind, thing)).key == ""


@pytest.mark.parametrize("body", SHAPES)
def test_a_signed_body_that_is_no_event_is_refused(gateway, settings, body):
    with pytest.raises(Malformed) as error:
        gateway.verify_event(*signed(gateway, settings, json.dumps(body)))
    assert error.value.code == "payments.event_unreadable"


def test_a_dispute_that_the_gateway_does_not_know_is_none(gateway):
    assert gateway.find_dispute("dp_nothing") is None


def test_a_gateway_that_is_down_says_so(gateway, charged, bank):
    thing = bank(f"charges/{charged[1]}/dispute")
    bank("chaos", target="stripe" if name_of(gateway) == "stripe" else "gateway", fail_rate=1)
    try:
        with pytest.raises(GatewayUnavailable):
            gateway.find_dispute(thing["id"])
    finally:
        bank("chaos", target="stripe" if name_of(gateway) == "stripe" else "gateway")


@pytest.mark.parametrize(
    ("status", "means"),
    [
        *((name, "open") for name in ("warning_needs_response", "warning_under_review", "needs_response", "under_review", "new_to_us")),
        *(("warning_closed", "won"), ("prevented", "won"), ("won", "won"), ("lost", "lost")),
    ],
)
def test_each_status_that_stripe_documents_is_known(sandbox_world, settings, monkeypatch, status, means):
    settings.PROVIDER_VALUES = settings.PROVIDER_VALUES | stripe_account.variables(sandbox_world)
    gateway = StripeGateway(get_account("stripe"))
    about = {"id": "dp_1", "object": "dispute", "amount": 100, "currency": "usd", "reason": "general", "status": status}
    told = stripe.Dispute.construct_from(about | {"payment_intent": None, "charge": "ch_1"}, "sk_test_sandbox")
    monkeypatch.setattr(gateway, "_find_dispute", lambda ref: told)
    found = gateway.find_dispute("dp_1")
    assert (found.status, found.key) == (means, "")


def test_a_card_that_was_declined_on_the_gateways_page_is_told(gateway, settings):
    thing = {"id": "seti_1", "object": "setup_intent", "customer": "cus_1", "customer_reference": "con_1", "metadata": {}}
    kind = "setup_intent.setup_failed" if name_of(gateway) == "stripe" else "setup.failed"
    notice = gateway.verify_event(*event_of(gateway, settings, kind, thing))
    assert (notice.event_id, notice.kind, notice.about, notice.reference, notice.good) == ("evt_1", kind, "setup", "seti_1", False)
    assert notice.key == ("cus_1" if name_of(gateway) == "stripe" else "")
