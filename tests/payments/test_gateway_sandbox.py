"""The sandbox gateway's adapter: what its answers mean, and what becomes of them when the line breaks."""

import pytest

from payments import queries, services
from payments.errors import CardRefused
from payments.gateways import connect
from payments.gateways.base import AUTHENTICATION, Cards, PayoutRequest, RefundRequest
from payments.gateways.minimums import CARDS
from payments.models import Charge
from tests.reported import report_charges

pytestmark = pytest.mark.usefixtures("quiet")
DECLINES = {
    "4000000000009995": "insufficient_funds",
    "4000000000000341": "generic_decline",
    "4000000000009987": "lost_card",
    "4000000000009979": "stolen_card",
    "4000000000000069": "expired_card",
    "4000000000000119": "processing_error",
    "4000002760003184": AUTHENTICATION,
}


def charge(request, at):
    services.open_charges(requests=[request], at=at)
    services.run_charges(requests=[request], at=at)
    return Charge.objects.get(id=request.id)


def test_a_charge_succeeds_and_is_in_the_gateways_own_report(card, request_for, at):
    made = charge(request_for(card, reference="pln_report"), at)
    assert made.status == "succeeded"
    (reported,) = report_charges(reference="pln_report")
    assert (reported.ref, reported.key, reported.amount_minor, reported.refunded_minor) == (made.gateway_ref, made.public_id, 5_725, 0)
    assert (reported.currency, reported.status) == ("USD", "succeeded")
    assert queries.find_at_gateway(made.public_id).ref == made.gateway_ref
    assert queries.find_at_gateway("chg_nothing") is None
    assert made.public_id in {row.key for row in report_charges()}


@pytest.mark.parametrize(("number", "code"), DECLINES.items())
def test_a_refusal_is_failed_with_its_decline_code(consumer, sandbox_world, request_for, at, number, code):
    method = services.add_card(consumer=consumer, number=number, at=at)
    made = charge(request_for(method), at)
    assert (made.status, made.failure) == ("failed", code)
    assert bool(made.action_url) is (code == AUTHENTICATION)


def test_a_card_that_is_refused_on_the_page_is_not_kept(consumer, sandbox_world, at):
    with pytest.raises(CardRefused) as error:
        services.add_card(consumer=consumer, number="4000000000000002", at=at)
    assert (error.value.failure, error.value.status) == ("generic_decline", 402)
    assert consumer.payment_methods.count() == 0


def test_a_card_that_the_gateway_forgot_has_failed(card, request_for, at):
    connect("sandbox", Cards).remove_card(card.token)
    made = charge(request_for(card), at)
    assert (made.status, made.failure) == ("failed", "payment_method_unknown")


def test_a_gateway_that_hangs_up_after_recording_is_looked_up_at_once(card, request_for, chaos, at):
    chaos(match="charges", hang_up_after_recording=1)
    made = charge(request_for(card, reference="pln_hung"), at)
    assert made.status == "succeeded"
    assert [row.key for row in report_charges(reference="pln_hung")] == [made.public_id]


def test_a_gateway_that_says_nothing_after_recording_is_looked_up_when_it_took_too_long(card, request_for, chaos, at, monkeypatch):
    monkeypatch.setattr("payments.gateways.sandbox.READ_S", 0.5)
    chaos(match="charges", silent_after_recording=1)
    made = charge(request_for(card, reference="pln_silent"), at)
    assert made.status == "succeeded"
    assert [row.key for row in report_charges(reference="pln_silent")] == [made.public_id]


def test_a_gateway_that_is_down_leaves_the_charge_unknown_until_it_is_back(card, request_for, chaos, at):
    chaos(fail_rate=1)
    request = request_for(card, reference="pln_down")
    made = charge(request, at)
    assert (made.status, made.failure) == ("unknown", "")
    chaos()
    Charge.objects.update(claimed_until=None)
    assert services.resolve_charges(at=at) == 1
    assert [(row.key, row.status) for row in report_charges(reference="pln_down")] == [(request.key, "succeeded")]


def test_a_hold_that_is_gone_is_charged_without(card, request_for, consumer, at):
    from core.money import Money

    held = services.authorize(consumer=consumer, method=card, amount=Money(5_725, "USD"), reference="chk_1", at=at)
    assert connect("sandbox", Cards).release(held.gateway_ref).status == "succeeded"
    made = charge(request_for(card, authorization_id=held.id, authorization_ref=held.gateway_ref, reference="pln_gone"), at)
    assert made.status == "succeeded"
    assert len(list(report_charges(reference="pln_gone"))) == 1


def test_refunds_beyond_the_charge_and_payouts_to_closed_accounts_fail(card, request_for, at):
    made = charge(request_for(card), at)
    gateway = connect("sandbox", Cards)
    refund = {"gateway": "sandbox", "charge_id": made.id, "charge_ref": made.gateway_ref, "reference": "pln_x", "currency": "USD"}
    assert gateway.refund(RefundRequest(amount_minor=5_726, **refund)).failure == "refund_exceeds_charge"
    first = RefundRequest(amount_minor=5_725, **refund)
    assert gateway.find_refund(first) is None
    assert gateway.refund(first).status == "succeeded"
    assert gateway.refund(first) == gateway.find_refund(first)
    payout = PayoutRequest(gateway="sandbox", destination="bank_fails", reference="set_1", owner="mer_1", amount_minor=1, currency="USD")
    assert gateway.find_payout(payout) is None
    assert (gateway.pay_out(payout).status, gateway.pay_out(payout).failure) == ("failed", "account_closed")


def test_connections_are_kept(card, request_for, at):
    pools = connect("sandbox", Cards)._session.get_adapter("http://x").poolmanager.pools

    def opened() -> int:
        return sum(pools[key].num_connections for key in pools.keys())  # noqa: SIM118  (not a mapping)

    before = opened()
    for _ in range(3):
        charge(request_for(card), at)
    assert opened() == before > 0


@pytest.mark.parametrize("currency", sorted(CARDS))
def test_what_we_take_for_the_smallest_amount_is_charged_and_one_less_is_not(card, request_for, at, currency):
    least = connect("sandbox", Cards).smallest(currency)
    assert charge(request_for(card, minor=least, currency=currency), at).status == "succeeded"
    refused = charge(request_for(card, minor=least - 1, currency=currency), at)
    assert (refused.status, refused.failure) == ("failed", "amount_too_small")
