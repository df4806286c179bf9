"""Merchants' events: numbered without gaps, each recorded once, with a delivery for every endpoint that wants it."""

import uuid
from datetime import datetime
from typing import Any

from core.clock import wall
from core.db import unit
from webhooks import rules
from webhooks.models import Delivery, Endpoint, EventCounter, MerchantEvent
from webhooks.queries import lock_counter


def record_event(*, merchant_id: uuid.UUID, event_type: str, source: str, data: dict[str, Any], at: datetime) -> MerchantEvent | None:
    """Record an event of a merchant under its next sequence number and return it, or None where the source was recorded before.

    The counter stays locked until the commit: numbers have no gaps, and a reader that sees one sees all below it.
    """
    with unit():
        number = lock_counter(merchant_id) + 1
        if MerchantEvent.objects.filter(merchant_id=merchant_id, source=source).exists():
            return None
        EventCounter.objects.filter(merchant_id=merchant_id).update(last=number)
        event = MerchantEvent.objects.create(
            merchant_id=merchant_id, sequence=number, type=event_type, source=source, data=data, created_at=at
        )
        _address(event, at)
    return event


def _address(event: MerchantEvent, at: datetime) -> None:
    endpoints = Endpoint.objects.filter(merchant_id=event.merchant_id, disabled_at=None, removed_at=None).defer("secrets")
    due = wall()
    Delivery.objects.bulk_create(
        Delivery(endpoint=endpoint, event=event, next_at=due, created_at=at)
        for endpoint in endpoints
        if rules.wants(endpoint.events, event.type)
    )
