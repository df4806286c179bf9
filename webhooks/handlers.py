"""Event handlers: a domain event becomes a numbered event of its merchant, and a worker is woken to send it."""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction

from checkout.models import Order
from checkout.queries import same_reference
from core.ids import parse_id
from core.outbox import Event
from webhooks import rules
from webhooks.queries import describe_checkout, describe_order, describe_return, describe_settlement, find_order
from webhooks.services import record_event
from webhooks.tasks import send_webhooks_task

log = logging.getLogger("bnpl.webhooks")


def on_checkout_declined(event: Event, *, at: datetime) -> None:
    """Record that a checkout's consumer was refused, with the code as it was then."""
    told = event.payload()
    data = describe_checkout(told["checkout"]) | {"declined": told["declined"]}
    _record(event, told["merchant"], told["checkout"], data, at)


def on_checkout_expired(event: Event, *, at: datetime) -> None:
    """Record that a checkout ended without an order."""
    told = event.payload()
    _record(event, told["merchant"], told["checkout"], describe_checkout(told["checkout"]), at)


def on_order(event: Event, *, at: datetime) -> None:
    """Record an event of an order: the order as it is now, and the event's own data of a capture or a refund."""
    told = event.payload()
    order = find_order(parse_id("ord", told["order"]))[0]
    subject = told.get("capture") or told.get("refund") or told.get("postponement") or told["order"]
    data = describe_order(order) | rules.own_data(told)
    if event.NAME in rules.BEGINNINGS:
        data["same_reference"] = same_reference(order.merchant_id, order.merchant_reference, order.public_id)
    _record(event, told["merchant"], subject, data, at)


def on_plan_completed(event: Event, *, at: datetime) -> None:
    """Record that a consumer has paid all of an order."""
    plan = event.payload()["plan"]
    order = Order.objects.select_related("merchant").get(plan_id=parse_id("pln", plan))
    _record(event, order.merchant.public_id, plan, describe_order(order) | {"plan_id": plan}, at)


def on_return(event: Event, *, at: datetime) -> None:
    """Record that a consumer sent goods back, or that this ended."""
    told = event.payload()
    order = Order.objects.select_related("merchant").get(plan_id=parse_id("pln", told["plan"]))
    data = describe_order(order) | {"goods_return": describe_return(told["goods_return"])}
    _record(event, order.merchant.public_id, told["goods_return"], data, at)


def on_settlement_made(event: Event, *, at: datetime) -> None:
    """Record a new statement of a merchant."""
    told = event.payload()
    _record(event, told["merchant"], told["settlement"], describe_settlement(told["settlement"]), at)


def on_payout(event: Event, *, at: datetime) -> None:
    """Record that a payout came back, that it arrived after all, or that a later one has paid it."""
    told = event.payload()
    data = {"payout_id": told["payout"], "settlement_id": told["settlement"], "currency": told["currency"], "amount": told["amount_minor"]}
    if "paid_with" in told:
        data["paid_with"] = told["paid_with"]
    _record(event, told["merchant"], told["payout"], data, at)


def _record(event: Event, merchant: str, subject: str, data: dict[str, Any], at: datetime) -> None:
    kind = rules.EVENT_TYPES[event.NAME]
    source = rules.source_of(kind, subject, at)
    recorded = record_event(merchant_id=parse_id("mer", merchant), event_type=kind, source=source, data=data, at=at)
    if recorded is not None and recorded.deliveries.exists():
        transaction.on_commit(_wake, robust=True)


def _wake() -> None:
    """Wake a worker to send at once; if the broker is down, the timer sends seconds later."""
    try:
        send_webhooks_task.apply_async(retry=False, expires=30)
    except Exception:  # noqa: BLE001  (whatever is wrong with the broker, the rows are committed)
        log.warning("the broker does not answer; webhooks wait for the timer")
