"""Stripe's protocol, spoken by Stripe's own SDK."""

from datetime import UTC, datetime

import pytest
import requests
import stripe
from stripe import StripeClient

from tests.dates import CARD_ENDS, CARD_YEAR

CARD = {"number": "4242424242424242", "expiry": CARD_ENDS, "cvc": "123", "postal_code": "10001"}


@pytest.fixture
def client(world):
    return StripeClient("sk_test_sandbox", base_addresses={"api": f"{world.url}/stripe"}, max_network_retries=0)


@pytest.fixture
def customer(client):
    return client.v1.customers.create({"email": "ann@example.com", "metadata": {"consumer": "con_1"}})


def saved_card(client, customer, name="pm_card_visa"):
    return client.v1.setup_intents.create({"customer": customer.id, "payment_method": name, "confirm": True, "usage": "off_session"})


def pay(client, customer, method, key=None, **more):
    params = {
        "amount": 5725,
        "currency": "usd",
        "customer": customer.id,
        "payment_method": method,
        "off_session": True,
        "confirm": True,
        **more,
    }
    return client.v1.payment_intents.create(params, {"idempotency_key": key} if key else None)


def test_set_up_and_pay_later(client, customer):
    setup = saved_card(client, customer)
    assert setup.status == "succeeded"
    assert client.v1.payment_methods.retrieve(setup.payment_method).customer == customer.id
    intent = pay(client, customer, setup.payment_method, metadata={"charge": "1"})
    assert (intent.status, intent.amount_received, intent.metadata["charge"]) == ("succeeded", 5725, "1")
    charge = client.v1.charges.retrieve(intent.latest_charge)
    assert (charge.paid, charge.captured, charge.payment_intent) == (True, True, intent.id)
    assert [found.id for found in client.v1.payment_intents.list({"customer": customer.id}).data] == [intent.id]
    expanded = client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge.balance_transaction"]})
    assert expanded.latest_charge.balance_transaction.amount == 5725


def test_same_key_is_one_charge(client, customer):
    method = saved_card(client, customer).payment_method
    first, again = pay(client, customer, method, "k"), pay(client, customer, method, "k")
    assert first.id == again.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(client.v1.charges.list({"customer": customer.id}).data) == 1
    with pytest.raises(stripe.IdempotencyError) as caught:
        pay(client, customer, method, "k", amount=1)
    assert caught.value.http_status == 400


def test_decline_is_a_card_error_and_is_remembered(client, customer):
    method = client.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id}).id
    seen = set()
    for _ in range(2):
        with pytest.raises(stripe.CardError) as caught:
            pay(client, customer, method, "k")
        error = caught.value.error
        assert (caught.value.http_status, caught.value.code, error.decline_code) == (402, "card_declined", "generic_decline")
        assert error.payment_intent.status == "requires_payment_method"
        seen.add(error.payment_intent.id)
    assert len(seen) == 1
    assert [charge.status for charge in client.v1.charges.list().data] == ["failed"]


@pytest.mark.parametrize(
    ("name", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
    ],
)
def test_test_cards_decline_when_paying_and_when_attached(client, customer, name, code, decline_code):
    with pytest.raises(stripe.CardError) as caught:
        client.v1.payment_intents.create({"amount": 100, "currency": "usd", "payment_method": name, "confirm": True})
    assert (caught.value.code, caught.value.error.decline_code) == (code, decline_code)
    with pytest.raises(stripe.CardError):
        client.v1.payment_methods.attach(name, {"customer": customer.id})
    assert client.v1.customers.payment_methods.list(customer.id).data == []


def test_authentication_required_off_session(client, customer):
    method = client.v1.payment_methods.attach("pm_card_authenticationRequired", {"customer": customer.id}).id
    with pytest.raises(stripe.CardError) as caught:
        pay(client, customer, method)
    assert (caught.value.code, caught.value.error.decline_code) == ("authentication_required", "authentication_required")
    assert caught.value.error.payment_intent.last_payment_error.payment_method.id == method


def test_card_that_asks_once_passes_after_its_setup(client, customer):
    unset = client.v1.payment_methods.attach("pm_card_authenticationRequiredOnSetup", {"customer": customer.id}).id
    with pytest.raises(stripe.CardError):
        pay(client, customer, unset)
    setup = saved_card(client, customer, "pm_card_authenticationRequiredOnSetup")
    assert (setup.status, setup.next_action.type) == ("requires_action", "use_stripe_sdk")
    address = setup.next_action.use_stripe_sdk.stripe_js
    assert "Confirmed" in requests.post(address, data={"answer": "yes"}, timeout=30).text
    setup = client.v1.setup_intents.retrieve(setup.id)
    assert setup.status == "succeeded"
    assert pay(client, customer, setup.payment_method).status == "succeeded"


def test_on_session_authentication_leads_back(client, customer):
    method = client.v1.payment_methods.attach("pm_card_authenticationRequired", {"customer": customer.id}).id
    params = {"amount": 100, "currency": "usd", "customer": customer.id, "payment_method": method, "confirm": True}
    intent = client.v1.payment_intents.create({**params, "return_url": "http://shop.example/back"})
    assert (intent.status, intent.next_action.type) == ("requires_action", "redirect_to_url")
    answer = requests.post(intent.next_action.redirect_to_url.url, data={"answer": "yes"}, allow_redirects=False, timeout=30)
    assert answer.headers["Location"].startswith(f"http://shop.example/back?payment_intent={intent.id}&")
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_hold_capture_a_part_and_refund(client, customer):
    method = saved_card(client, customer).payment_method
    held = pay(client, customer, method, capture_method="manual", amount=1000)
    assert (held.status, held.amount_capturable) == ("requires_capture", 1000)
    taken = client.v1.payment_intents.capture(held.id, {"amount_to_capture": 400})
    assert (taken.status, taken.amount_received, taken.amount_capturable) == ("succeeded", 400, 0)
    refund = client.v1.refunds.create({"payment_intent": held.id, "amount": 150}, {"idempotency_key": "r"})
    assert client.v1.refunds.create({"payment_intent": held.id, "amount": 150}, {"idempotency_key": "r"}).id == refund.id
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"payment_intent": held.id, "amount": 251})
    client.v1.refunds.create({"payment_intent": held.id})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create({"payment_intent": held.id})
    assert caught.value.code == "charge_already_refunded"
    assert sum(refund.amount for refund in client.v1.refunds.list({"payment_intent": held.id}).data) == 400


def test_hold_is_canceled_and_lapses(world, client, customer):
    method = saved_card(client, customer).payment_method
    first, second = (pay(client, customer, method, capture_method="manual") for _ in range(2))
    assert client.v1.payment_intents.cancel(first.id).status == "canceled"
    world.forward(7 * 24 * 3600 + 1)
    assert client.v1.payment_intents.retrieve(second.id).cancellation_reason == "automatic"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.capture(second.id)
    assert caught.value.code == "payment_intent_unexpected_state"


def test_raw_number_attach_and_detach(client, customer):
    card = {"number": "5555555555554444", "exp_month": 12, "exp_year": CARD_YEAR, "cvc": "123"}
    method = client.v1.payment_methods.create({"type": "card", "card": card})
    assert (method.card.brand, method.card.last4) == ("mastercard", "4444")
    client.v1.payment_methods.attach(method.id, {"customer": customer.id})
    assert [found.id for found in client.v1.payment_methods.list({"customer": customer.id, "type": "card"}).data] == [method.id]
    assert client.v1.payment_methods.detach(method.id).customer is None
    with pytest.raises(stripe.InvalidRequestError):
        pay(client, customer, method.id)


def test_other_peoples_card_is_refused(client, customer):
    method = saved_card(client, customer).payment_method
    stranger = client.v1.customers.create({"email": "eve@example.com"})
    with pytest.raises(stripe.InvalidRequestError):
        pay(client, stranger, method)
    assert client.v1.charges.list().data == []


def test_errors_of_requests(world, client, customer):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.retrieve("pi_unknown")
    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.create({"amount": 100, "currency": "usd", "colour": "red"})
    assert caught.value.code == "parameter_unknown"
    stranger = StripeClient("sk_live_x", base_addresses={"api": f"{world.url}/stripe"})
    with pytest.raises(stripe.AuthenticationError):
        stranger.v1.customers.list()


@pytest.mark.parametrize(("currency", "least"), [("usd", 50), ("gbp", 30), ("dkk", 250), ("sek", 300), ("eur", 50), ("aud", 50)])
def test_less_than_card_networks_take_is_refused(client, customer, currency, least):
    method = saved_card(client, customer).payment_method
    with pytest.raises(stripe.InvalidRequestError) as caught:
        pay(client, customer, method, amount=least - 1, currency=currency)
    assert (caught.value.code, caught.value.param, caught.value.http_status) == ("amount_too_small", "amount", 400)
    assert client.v1.payment_intents.list({"customer": customer.id}).data == []
    assert pay(client, customer, method, amount=least, currency=currency).status == "succeeded"


def test_a_card_is_declined_after_its_month(world, client, customer):
    method = saved_card(client, customer).payment_method
    ends = client.v1.payment_methods.retrieve(method).card.exp_year + 1
    assert pay(client, customer, method).status == "succeeded"
    world.forward(int((datetime(ends, 1, 1, tzinfo=UTC) - datetime.now(UTC)).total_seconds()) + 60)
    with pytest.raises(stripe.CardError) as caught:
        pay(client, customer, method)
    assert caught.value.code == "expired_card"


def test_lists_page_newest_first(client, customer):
    made = [client.v1.customers.create({"name": str(number)}).id for number in range(5)]
    page = client.v1.customers.list({"limit": 3})
    assert ([found.id for found in page.data], page.has_more) == (made[:1:-1], True)
    assert [found.id for found in page.auto_paging_iter()] == [*made[::-1], customer.id]


def test_personas_hold_for_stripe_too(client):
    customer = client.v1.customers.create({"email": "bo+card_fails_2nd+dispute@example.com"})
    method = saved_card(client, customer).payment_method
    first = pay(client, customer, method)
    with pytest.raises(stripe.CardError) as caught:
        pay(client, customer, method)
    assert caught.value.error.decline_code == "insufficient_funds"
    assert pay(client, customer, method).status == "succeeded"
    disputes = client.v1.disputes.list().data
    assert [(dispute.payment_intent, dispute.status) for dispute in disputes] == [(first.id, "needs_response")]


def test_transfers_payouts_and_balance(client, customer):
    pay(client, customer, saved_card(client, customer).payment_method, amount=10_000)
    transfer = client.v1.transfers.create({"amount": 9000, "currency": "usd", "destination": "acct_1", "transfer_group": "ord_1"})
    reversal = client.v1.transfers.reversals.create(transfer.id, {"amount": 1000})
    assert (reversal.amount, client.v1.transfers.retrieve(transfer.id).amount_reversed) == (1000, 1000)
    payout = client.v1.payouts.create({"amount": 500, "currency": "usd"})
    assert (payout.status, client.v1.payouts.retrieve(payout.id).status) == ("pending", "paid")
    fee = 10_000 * 290 // 10_000 + 30
    assert client.v1.balance.retrieve().available[0].amount == 10_000 - fee - 9000 + 1000 - 500


def test_checkout_session_in_setup_mode(client, customer):
    params = {
        "mode": "setup",
        "customer": customer.id,
        "currency": "usd",
        "success_url": "http://shop.example/ok?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://shop.example/no",
    }
    session = client.v1.checkout.sessions.create(params)
    declined = requests.post(session.url, data={**CARD, "number": "4000000000009995"}, timeout=30)
    assert "Nothing was charged" in declined.text
    answer = requests.post(session.url, data=CARD, allow_redirects=False, timeout=30)
    assert answer.headers["Location"] == f"http://shop.example/ok?session={session.id}"
    done = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]})
    assert (done.status, done.setup_intent.status) == ("complete", "succeeded")
    assert pay(client, customer, done.setup_intent.payment_method).status == "succeeded"


def test_events_are_signed(client, customer, ear):
    endpoint = client.v1.webhook_endpoints.create({"url": ear.url, "enabled_events": ["payment_intent.succeeded", "charge.refunded"]})
    intent = pay(client, customer, saved_card(client, customer).payment_method)
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 1})
    ear.wait_for(2)
    events = [stripe.Webhook.construct_event(body, headers["Stripe-Signature"], endpoint.secret) for headers, body in ear.heard]
    assert sorted(event.type for event in events) == ["charge.refunded", "payment_intent.succeeded"]
    assert client.v1.events.retrieve(events[0].id).id == events[0].id
    client.v1.webhook_endpoints.delete(endpoint.id)
    pay(client, customer, saved_card(client, customer).payment_method)
    assert client.v1.webhook_endpoints.list().data == []


def test_hang_up_is_healed_by_the_sdks_own_retry(world, client, customer):
    method = saved_card(client, customer).payment_method
    world.chaos(target="stripe", match="payment_intents", hang_up_after_recording=1)
    retrying = StripeClient("sk_test_sandbox", base_addresses={"api": f"{world.url}/stripe"}, max_network_retries=2)
    assert pay(retrying, customer, method).status == "succeeded"
    assert len(client.v1.charges.list().data) == 1
