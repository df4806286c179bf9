"""Stripe's adapter, spoken to the sandbox world's server of Stripe's protocol."""

import json
import time
from dataclasses import replace
from datetime import timedelta

import pytest
import requests
import stripe
from django.conf import settings as django_settings

from core.errors import Unauthenticated
from core.providers import get_account
from payments.errors import CardRefused
from payments.gateways.base import AuthorizationRequest, ChargeRequest, Payer, PayoutRequest, Period, RefundRequest, Speaker
from payments.gateways.minimums import CARDS
from payments.gateways.stripe import StripeGateway
from tests import stripe_account
from tests.dates import CARD_ENDS

PAYER = Payer(reference="con_stripe", email="anna@people.example")


@pytest.fixture
def gateway(sandbox_world, settings):
    settings.PROVIDER_VALUES = settings.PROVIDER_VALUES | stripe_account.variables(sandbox_world)
    return StripeGateway(get_account("stripe"))


def payer(gateway, **change):
    """The person with the customer that Stripe has for them."""
    known = replace(PAYER, **change)
    return replace(known, customer=gateway.keep_customer(known))


def ask_for(card, minor=5_725, **more):
    given = {"reference": "pln_stripe", "amount_minor": minor, "currency": "USD", "payment_method_id": None, **more}
    return ChargeRequest(gateway="stripe", token=card.token, **given)


def hold_for(card, minor=5_725):
    return AuthorizationRequest(
        gateway="stripe", token=card.token, payment_method_id=None, reference="chk_stripe", amount_minor=minor, currency="USD"
    )


def test_one_key_is_one_charge_and_can_be_looked_up(gateway):
    card = gateway.add_card(payer(gateway), "4242424242424242")
    assert (card.brand, card.last4) == ("visa", "4242")
    request = ask_for(card, reference="pln_once")
    assert gateway.find_charge(request) is None
    first, again = gateway.charge(request), gateway.charge(request)
    assert first == again == gateway.find_charge(request)
    assert first.status == "succeeded"
    (reported,) = gateway.report_charges(reference="pln_once")
    assert (reported.key, reported.amount_minor, reported.refunded_minor, reported.status) == (request.key, 5_725, 0, "succeeded")


BANK = Speaker(brand="bank", statement="Fjordbanken Nord", home="https://pay.fjordbank.example", is_first=False)


@pytest.mark.parametrize(("brand", "speaker", "suffix"), [("", BANK, "Fjordbanke"), ("", Speaker(), None), ("bank", BANK, None)])
def test_the_statement_of_a_card_names_the_brand_where_the_account_is_not_its_own(gateway, sandbox_world, brand, speaker, suffix):
    gateway = StripeGateway(replace(get_account("stripe"), brand=brand))
    card = gateway.add_card(payer(gateway), "4242424242424242")
    for made in (gateway.charge(ask_for(card, speaker=speaker)), gateway.authorize(replace(hold_for(card), speaker=speaker))):
        intent = gateway._api.payment_intents.retrieve(made.ref)
        assert (made.status, getattr(intent, "statement_descriptor_suffix", None)) == ("succeeded", suffix)


def test_a_person_who_confirms_at_the_bank_comes_back_to_their_brand(gateway, monkeypatch):
    card, asked = gateway.add_card(payer(gateway), "4242424242424242"), []
    create = gateway._api.payment_intents.create
    monkeypatch.setattr(gateway._api.payment_intents, "create", lambda given, how: asked.append(given) or create(given, how))
    gateway.charge(ask_for(card, actor="consumer:1", speaker=BANK))
    gateway.charge(ask_for(card, actor="consumer:1"))
    assert [given["return_url"] for given in asked] == ["https://pay.fjordbank.example", django_settings.BASE_URL]


def test_a_refusal_is_failed_with_its_decline_code(gateway):
    card = gateway.add_card(payer(gateway), "4000000000000341")
    request = ask_for(card)
    outcome = gateway.charge(request)
    assert (outcome.status, outcome.failure) == ("failed", "generic_decline")
    assert gateway.find_charge(request) == outcome


def test_a_card_that_is_refused_is_not_kept(gateway):
    with pytest.raises(CardRefused) as error:
        gateway.add_card(payer(gateway), "4000000000000002")
    assert error.value.failure == "generic_decline"


def test_a_hold_is_drawn_on_and_the_rest_let_go(gateway):
    card = gateway.add_card(payer(gateway), "4242424242424242")
    hold = hold_for(card)
    held = gateway.authorize(hold)
    assert held.status == "succeeded"
    assert gateway.find_authorization(hold) == held
    request = ask_for(card, 5_000, authorization_ref=held.ref, reference="chk_stripe")
    assert gateway.find_charge(request) is None
    drawn = gateway.charge(request)
    assert (drawn.status, drawn.ref) == ("succeeded", held.ref)
    assert gateway.find_charge(request) == drawn
    assert gateway.release(held.ref).status == "succeeded"
    (reported,) = gateway.report_charges(reference="chk_stripe")
    assert (reported.key, reported.amount_minor, reported.refunded_minor) == (request.key, 5_000, 0)


def test_a_hold_that_was_let_go_is_charged_without(gateway):
    card = gateway.add_card(payer(gateway), "4242424242424242")
    held = gateway.authorize(hold_for(card))
    assert gateway.release(held.ref).status == "succeeded"
    request = ask_for(card, authorization_ref=held.ref)
    outcome = gateway.charge(request)
    assert outcome.status == "succeeded"
    assert outcome.ref != held.ref
    assert gateway.find_charge(request) == outcome


def test_refunds_and_transfers(gateway):
    card = gateway.add_card(payer(gateway), "4242424242424242")
    charge = ask_for(card, reference="pln_refund")
    paid = gateway.charge(charge)
    refund = RefundRequest(
        gateway="stripe", charge_id=charge.id, charge_ref=paid.ref, reference="pln_refund", amount_minor=725, currency="USD"
    )
    assert gateway.find_refund(refund) is None
    assert gateway.refund(refund) == gateway.refund(refund) == gateway.find_refund(refund)
    (reported,) = gateway.report_charges(reference="pln_refund")
    assert reported.refunded_minor == 725
    much = RefundRequest(gateway="stripe", charge_id=charge.id, charge_ref=paid.ref, reference="x", amount_minor=9_999, currency="USD")
    assert gateway.refund(much).status == "failed"
    account = gateway._api.accounts.create({"type": "express"})
    payout = PayoutRequest(gateway="stripe", destination=account.id, reference="set_s", owner="mer_1", amount_minor=100, currency="USD")
    assert gateway.find_payout(payout) is None
    assert gateway.pay_out(payout).status == "succeeded"
    assert gateway.find_payout(payout).status == "succeeded"


def test_answers_say_how_much_moved(gateway):
    card = gateway.add_card(payer(gateway), "4242424242424242")
    hold = hold_for(card)
    held = gateway.authorize(hold)
    draw = ask_for(card, 5_000, authorization_ref=held.ref)
    drawn = gateway.charge(draw)
    assert [(o.amount_minor, o.currency) for o in (held, drawn, gateway.find_charge(draw))] == [
        (5_725, "USD"),
        (5_000, "USD"),
        (5_000, "USD"),
    ]
    assert gateway.find_authorization(hold) == held


def back_to(charge, ref, minor=725):
    wanted = {"gateway": "stripe", "charge_id": charge.id, "charge_ref": ref, "reference": charge.reference}
    return RefundRequest(**wanted, amount_minor=minor, currency="USD")


def control(settings, path, **body):
    key = {"Authorization": f"Bearer {settings.SANDBOX_KEY}"}
    requests.post(f"{settings.SANDBOX_URL}/control/{path}", json=body, headers=key, timeout=30).raise_for_status()


def test_the_gateway_reports_refunds_and_those_that_it_made_by_itself(gateway, settings):
    card = gateway.add_card(payer(gateway), "4242424242424242")
    charge = ask_for(card, reference="pln_reported")
    paid = gateway.charge(charge)
    ours = back_to(charge, paid.ref)
    made = gateway.refund(ours)
    theirs = gateway._api.refunds.create({"payment_intent": paid.ref, "amount": 100})
    reported = {row.ref: row for row in gateway.report_refunds()}
    one, other = reported[made.ref], reported[theirs.id]
    assert (one.key, one.amount_minor, one.currency, one.status) == (ours.key, 725, "USD", "succeeded")
    assert (other.key, other.amount_minor, other.status) == ("", 100, "succeeded")
    control(settings, f"refunds/{made.ref}/fail", failure="lost_or_stolen_card")
    failed = gateway.find_refund(ours)
    assert (failed.status, failed.failure) == ("failed", "lost_or_stolen_card")
    assert {row.ref: row.status for row in gateway.report_refunds()}[made.ref] == "failed"


def test_the_gateway_reports_payouts_and_what_came_back_of_them(gateway):
    account = gateway._api.accounts.create({"type": "express"})
    wanted = {"gateway": "stripe", "destination": account.id, "reference": "set_back", "owner": "mer_1", "currency": "USD"}
    whole, part = PayoutRequest(**wanted, amount_minor=100), PayoutRequest(**wanted, amount_minor=200)
    refs = [gateway.pay_out(request).ref for request in (whole, part)]
    gateway._api.transfers.reversals.create(refs[0], {})
    gateway._api.transfers.reversals.create(refs[1], {"amount": 50})
    assert (gateway.find_payout(whole).status, gateway.find_payout(whole).failure) == ("failed", "reversed")
    assert (gateway.find_payout(part).status, gateway.find_payout(part).amount_minor) == ("succeeded", 150)
    reported = {row.key: (row.status, row.amount_minor, row.reference) for row in gateway.report_payouts()}
    assert (reported[whole.key], reported[part.key]) == (("failed", 100, "set_back"), ("succeeded", 150, "set_back"))


def test_reports_are_of_a_time(gateway):
    card = gateway.add_card(payer(gateway), "4242424242424242")
    request = ask_for(card, reference="pln_timed")
    gateway.charge(request)
    (row,) = gateway.report_charges(reference="pln_timed")
    later = row.at + timedelta(seconds=1)
    keys = [
        {found.key for found in gateway.report_charges(period=period)}
        for period in (Period(until=row.at), Period(since=row.at, until=later), Period(since=later))
    ]
    assert [request.key in found for found in keys] == [False, True, False]


def test_an_event_of_a_refund_that_fails_is_bad_news(gateway):
    told = []
    for kind, status in (
        ("refund.updated", "succeeded"),
        ("refund.updated", "failed"),
        ("refund.failed", "failed"),
        ("transfer.reversed", None),
    ):
        thing = {"id": "re_1", "object": "refund", "status": status, "metadata": {"key": "rfd_1"}}
        body = json.dumps({"id": "evt_1", "object": "event", "type": kind, "data": {"object": thing}})
        stamp = int(time.time())
        signature = stripe.WebhookSignature._compute_signature(f"{stamp}.{body}", "whsec_test")
        notice = gateway.verify_event({"Stripe-Signature": f"t={stamp},v1={signature}"}, body.encode())
        told.append((notice.about, notice.good))
    assert told == [("refund", True), ("refund", False), ("refund", False), ("payout", False)]


def test_the_card_page_brings_a_card(gateway, settings):
    setup = gateway.start_card_setup(payer(gateway), return_url="http://localhost:8000/home?a=1", currency="USD")
    assert gateway.read_card_setup(setup.ref).card is None
    form = {"number": "4242424242424242", "expiry": CARD_ENDS, "cvc": "123", "postal_code": "10001"}
    answer = requests.post(setup.url, data=form, timeout=30, allow_redirects=False)
    assert answer.headers["Location"] == f"http://localhost:8000/home?a=1&setup={setup.ref}&status=succeeded"
    card = gateway.read_card_setup(setup.ref).card
    assert card.last4 == "4242"
    assert gateway.charge(ask_for(card)).status == "succeeded"


def test_no_answer_is_unknown(gateway, settings):
    card = gateway.add_card(payer(gateway), "4242424242424242")
    settings.PROVIDER_VALUES = settings.PROVIDER_VALUES | {"STRIPE_API_BASE": "http://127.0.0.1:9"}
    down = StripeGateway(get_account("stripe"))
    request = ask_for(card)
    assert down.charge(request).status == "unknown"
    assert down.find_charge(request).status == "unknown"


def test_events_are_verified(gateway):
    body = json.dumps(
        {
            "id": "evt_1",
            "object": "event",
            "type": "payment_intent.succeeded",
            "data": {"object": {"id": "pi_1", "object": "payment_intent", "metadata": {"key": "chg_1"}}},
        }
    )
    stamp = int(time.time())
    signature = stripe.WebhookSignature._compute_signature(f"{stamp}.{body}", "whsec_test")
    notice = gateway.verify_event({"Stripe-Signature": f"t={stamp},v1={signature}"}, body.encode())
    assert (notice.event_id, notice.about, notice.key, notice.good) == ("evt_1", "charge", "chg_1", True)
    with pytest.raises(Unauthenticated):
        gateway.verify_event({"Stripe-Signature": f"t={stamp},v1=00"}, body.encode())
    with pytest.raises(Unauthenticated):
        gateway.verify_event({}, body.encode())


def customers(gateway, reference):
    return gateway._api.customers.search({"query": f"metadata['consumer']:'{reference}'"}).data


def test_one_customer_for_a_person_whose_address_changes(gateway):
    first = payer(gateway, reference="con_moves", email="old@people.example")
    again = payer(gateway, reference="con_moves", email="new@people.example")
    known = gateway.keep_customer(replace(again, email="newest@people.example"))
    assert {first.customer, again.customer, known} == {first.customer}
    assert [(row.id, row.email) for row in customers(gateway, "con_moves")] == [(first.customer, "newest@people.example")]


def test_no_second_customer_after_stripe_forgot_the_key(gateway, settings):
    first = payer(gateway, reference="con_forgotten")
    control(settings, "stripe/forget_keys")
    assert payer(gateway, reference="con_forgotten", email="other@people.example").customer == first.customer
    assert len(customers(gateway, "con_forgotten")) == 1


def test_a_customer_that_was_deleted_at_stripe_is_made_anew(gateway):
    first = payer(gateway, reference="con_deleted")
    gateway._api.customers.delete(first.customer)
    second = gateway.keep_customer(first)
    assert second != first.customer
    assert [row.id for row in customers(gateway, "con_deleted")] == [second]


@pytest.mark.parametrize("currency", sorted(CARDS))
def test_what_we_take_for_the_smallest_amount_is_charged_and_one_less_is_not(gateway, currency):
    card, least = gateway.add_card(payer(gateway), "4242424242424242"), gateway.smallest(currency)
    assert gateway.charge(ask_for(card, least, currency=currency)).status == "succeeded"
    outcome = gateway.charge(ask_for(card, least - 1, currency=currency))
    assert (outcome.status, outcome.failure) == ("failed", "amount_too_small")
