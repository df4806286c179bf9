"""A shop hears one coarse code of a refusal, in the API and by webhook, and no fact about the person."""

import json

import pytest

from checkout import services as checkouts
from checkout.coarse import DECLINED, code_of, load_declined, load_rejected
from checkout.events import CheckoutDeclined, CheckoutExpired, OrderRejected
from checkout.models import Checkout, Order
from core.models import OutboxEvent
from credit.reasons import SENTENCES
from credit.services import set_own_limit
from simulation.shopper import identify
from tests.cast import NOW
from webhooks import handlers
from webhooks.models import MerchantEvent

pytestmark = pytest.mark.django_db
APART = {"identity_not_verified": "identity", "limit_exceeded": "amount", "account_restricted": "other", "own_limit": "other"} | {
    "not_safe": "other",
    "another_code": "identity",
}


def test_every_reason_has_a_coarse_code():
    assert {reason: code_of([reason]) for reason in SENTENCES} == dict.fromkeys(SENTENCES, "credit") | APART
    assert code_of([]) == "credit"
    assert {*APART.values(), "credit"} == {*DECLINED}


def decided(buy, merchant, email: str, amount: int = 22_900) -> Checkout:
    checkout = buy.open(merchant, amount)
    identify(checkout=checkout, email=email, at=NOW)
    checkouts.decide(checkout_id=checkout.id, at=NOW)
    return checkout


def heard(merchant) -> list[tuple[str, str | None]]:
    """Hand the events of the outbox on to the shop's machine, and return types and codes of what it hears."""
    told = {
        CheckoutDeclined: handlers.on_checkout_declined,
        CheckoutExpired: handlers.on_checkout_expired,
        OrderRejected: handlers.on_order,
    }
    for row in OutboxEvent.objects.order_by("id"):
        for kind, handler in told.items():
            if row.name == kind.NAME:
                handler(kind(**row.payload), at=row.at)
    return [(one.type, one.data["declined"]) for one in MerchantEvent.objects.filter(merchant=merchant).order_by("sequence")]


def test_a_refused_credit_is_told_at_once_and_again_when_the_checkout_ends(buy, merchant):
    checkout = decided(buy, merchant, "ann+decline@people.example")
    assert load_declined([checkout, buy.open(merchant, 5_000)]) == {checkout.pk: "credit"}
    checkouts.cancel_checkout(checkout_id=checkout.id, at=NOW)
    assert heard(merchant) == [("checkout.declined", "credit"), ("checkout.expired", "credit")]
    told = json.dumps([*MerchantEvent.objects.values_list("data", flat=True)])
    assert not [word for word in (*SENTENCES, "score", "limit", "income", "ann") if word in told]


def test_an_amount_above_the_limit_is_told_as_one(buy, merchant, django_assert_num_queries, monkeypatch):
    # Where no counter-offer is made.
    monkeypatch.setattr("checkout.services.offering.find_setting", lambda *_told: None)
    checkout = decided(buy, merchant, "bob+approve@people.example", 150_001)
    with django_assert_num_queries(1):
        assert load_declined([checkout] * 3) == {checkout.pk: "amount"}
    with django_assert_num_queries(0):
        assert load_declined([]) == {}
    checkouts.update_checkout(checkout_id=checkout.id, merchant=merchant, changes={"amount": 20_000, "items": []}, at=NOW)
    assert load_declined([checkout]) == {}
    assert checkouts.decide(checkout_id=checkout.id, at=NOW).outcome == "approve"
    assert heard(merchant) == [("checkout.declined", "amount")]


def test_a_limit_of_ones_own_is_not_told(buy, merchant):
    order = buy(merchant, 20_000, email="eve+approve@people.example")
    set_own_limit(consumer=order.consumer, currency="USD", limit_minor=21_000, at=NOW)
    checkout = decided(buy, merchant, order.consumer.email)
    assert load_declined([checkout]) == {checkout.pk: "other"}


def test_somebody_whose_identity_is_not_confirmed_is_told_as_that(buy, merchant):
    checkout = buy.open(merchant, 20_000)
    identify(checkout=checkout, email="kim+kyc_fail@people.example", at=NOW)
    assert load_declined([checkout]) == {checkout.pk: "identity"}
    checkouts.cancel_checkout(checkout_id=checkout.id, at=NOW)
    assert heard(merchant) == [("checkout.expired", "identity")]


@pytest.mark.parametrize(
    ("email", "amount", "code"),
    [
        ("hal+refer@people.example", 20_000, "credit"),
        ("hal+approve@people.example", 120_000, "amount"),
        ("hal+fraud_hold@people.example", 20_000, "other"),
    ],
)
def test_a_held_order_that_people_reject_has_a_coarse_code(buy, merchant, operators, django_assert_num_queries, email, amount, code):
    order = buy.finish(buy.open(merchant, amount), email).order
    with django_assert_num_queries(0):
        assert load_rejected([order]) == {}
    told = {"review_id": order.review.id, "at": NOW}
    checkouts.prepare_review(user=operators[0], recommendation="reject", note="Odd", **told)
    checkouts.reject_review(user=operators[1], seen=1, reason="Odd", **told)
    assert load_rejected([Order.objects.get(pk=order.pk)]) == {order.pk: code}
    assert heard(merchant) == [("order.rejected", code)]
