"""What happens to an order is told to its shop: real orders of real people, heard by a real server."""

import json
from datetime import timedelta

import pytest

from checkout import events as checkout_events
from checkout import services as checkouts
from core.ids import uuid7
from merchants.events import SettlementMade
from merchants.models import Settlement
from plans.events import PlanCompleted
from tests.cast import NOW
from tests.webhooks.conftest import listen
from webhooks import handlers, rules, tasks
from webhooks.models import Delivery, MerchantEvent

pytestmark = pytest.mark.django_db


def told(shop) -> list[tuple[int, str]]:
    return list(MerchantEvent.objects.filter(merchant=shop).order_by("sequence").values_list("sequence", "type"))


def last(shop) -> dict:
    return MerchantEvent.objects.filter(merchant=shop).latest("sequence").data


def test_an_orders_life_is_told_with_ids_and_amounts(buy, merchant):
    order = buy(merchant, 22_900)
    shop, public = merchant.public_id, order.public_id
    authorized = checkout_events.OrderAuthorized(
        order=public, merchant=shop, consumer=order.consumer.public_id, amount_minor=22_900, currency="USD"
    )
    handlers.on_order(authorized, at=NOW)
    assert last(merchant) == {
        "order_id": public,
        "checkout_id": order.checkout.public_id,
        "merchant_reference": "R-1",
        "same_reference": [],
        "status": "authorized",
        "declined": None,
        "currency": "USD",
        "amount": 22_900,
        "captured": 0,
        "refunded": 0,
        "released": 0,
        "remaining_authorized": 22_900,
        "expires_at": rules.moment(NOW + timedelta(days=28)),
    }
    capture = checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=10_000, actor="test", at=NOW)
    told_capture = checkout_events.OrderCaptured(
        order=public, merchant=shop, capture=capture.public_id, plan=order.plan.public_id, amount_minor=10_000
    )
    handlers.on_order(told_capture, at=NOW)
    assert {key: last(merchant)[key] for key in ("status", "captured", "remaining_authorized", "capture_id", "capture_amount")} == {
        "status": "partially_captured",
        "captured": 10_000,
        "remaining_authorized": 12_900,
        "capture_id": capture.public_id,
        "capture_amount": 10_000,
    }
    handlers.on_order(checkout_events.OrderExpiring(order=public, merchant=shop, hours=24), at=NOW)
    assert last(merchant)["hours"] == 24
    handlers.on_plan_completed(PlanCompleted(plan=order.plan.public_id, reference=public), at=NOW)
    assert (last(merchant)["order_id"], last(merchant)["plan_id"]) == (public, order.plan.public_id)
    assert told(merchant) == [(1, "order.authorized"), (2, "order.captured"), (3, "order.expiring"), (4, "plan.completed")]
    checkouts.release_order(order_id=order.id, merchant=merchant, actor="test", at=NOW)
    handlers.on_order(checkout_events.OrderReleased(order=public, merchant=shop, amount_minor=12_900), at=NOW)
    assert told(merchant)[4:] == [(5, "order.released")]
    assert [last(merchant)[key] for key in ("status", "captured", "released", "remaining_authorized")] == ["captured", 10_000, 12_900, 0]


def test_hearing_an_event_twice_tells_it_once_unless_it_happens_again(buy, merchant):
    order = buy(merchant, 22_900)
    held = checkout_events.OrderHeld(order=order.public_id, merchant=merchant.public_id, reason="fraud_alert")
    extended = checkout_events.OrderExtended(order=order.public_id, merchant=merchant.public_id)
    for at in (NOW, NOW, NOW + timedelta(days=1)):
        handlers.on_order(held, at=at)
        handlers.on_order(extended, at=at)
    assert told(merchant) == [(1, "order.held"), (2, "order.extended"), (3, "order.extended")]
    assert "fraud" not in json.dumps(last(merchant) | MerchantEvent.objects.get(sequence=1, merchant=merchant).data)


def test_an_expired_checkout_and_a_settlement_are_told(buy, merchant):
    checkout = buy.open(merchant, 5_000)
    handlers.on_checkout_expired(checkout_events.CheckoutExpired(checkout=checkout.public_id, merchant=merchant.public_id), at=NOW)
    assert last(merchant) == {
        "checkout_id": checkout.public_id,
        "merchant_reference": "R-1",
        "status": "open",
        "declined": None,
        "currency": "USD",
        "amount": 5_000,
    }
    settlement = Settlement.objects.create(
        id=uuid7(), merchant=merchant, date=NOW.date(), currency="USD", opening_minor=0, sales_minor=100, returns_minor=0, fees_minor=4,
        fee_refunds_minor=0, payout_minor=96, closing_minor=0, item_count=1, created_at=NOW,
    )  # fmt: skip
    handlers.on_settlement_made(SettlementMade(settlement=settlement.public_id, merchant=merchant.public_id), at=NOW)
    assert last(merchant) == {
        "settlement_id": settlement.public_id,
        "date": "2026-11-22",
        "currency": "USD",
        "opening": 0,
        "payout": 96,
        "closing": 0,
    }
    assert told(merchant) == [(1, "checkout.expired"), (2, "settlement.created")]


def test_a_worker_is_woken_only_when_there_is_something_to_send(buy, merchant, receiver, monkeypatch, django_capture_on_commit_callbacks):
    woken = []
    monkeypatch.setattr(tasks.send_webhooks_task, "apply_async", lambda **options: woken.append(options))
    order = buy(merchant, 22_900)
    held = checkout_events.OrderHeld(order=order.public_id, merchant=merchant.public_id, reason="basket")
    with django_capture_on_commit_callbacks(execute=True):
        handlers.on_order(held, at=NOW)
    assert woken == []
    listen(merchant, receiver)
    voided = checkout_events.OrderVoided(order=order.public_id, merchant=merchant.public_id)
    with django_capture_on_commit_callbacks(execute=True):
        handlers.on_order(voided, at=NOW)
    assert woken == [{"retry": False, "expires": 30}]
    assert Delivery.objects.get().status == "waiting"


def test_a_broker_that_is_away_loses_nothing(buy, merchant, receiver, monkeypatch, django_capture_on_commit_callbacks):
    def away(**options: object) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(tasks.send_webhooks_task, "apply_async", away)
    listen(merchant, receiver)
    order = buy(merchant, 22_900)
    with django_capture_on_commit_callbacks(execute=True):
        handlers.on_order(checkout_events.OrderVoided(order=order.public_id, merchant=merchant.public_id), at=NOW)
    assert tasks.send_webhooks_task() == 1
    assert [json.loads(item.body)["type"] for item in receiver.heard] == ["order.voided"]
    assert Delivery.objects.get().status == "delivered"
