"""Merchants' events: numbered without gaps, each recorded once, with a delivery for every endpoint that wants it."""

import json
import uuid
from datetime import datetime
from typing import Any

from core.clock import wall
from core.db import execute, unit
from webhooks import rules
from webhooks.models import Delivery, MerchantEvent
from webhooks.queries import endpoints_that_hear, lock_counter


def record_event(*, merchant_id: uuid.UUID, event_type: str, source: str, data: dict[str, Any], at: datetime) -> MerchantEvent | None:
    """Record an event of a merchant under its next sequence number and return it, or None if the source was recorded before.

    The counter stays locked until the commit: numbers have no gaps, and a reader that sees one sees all below it.
    """
    with unit():
        number = lock_counter(merchant_id) + 1
        event = MerchantEvent(merchant_id=merchant_id, sequence=number, type=event_type, source=source, data=data, created_at=at)
        if not execute(_RECORD, [merchant_id, merchant_id, source, event.pk, event_type, source, json.dumps(data), at]):
            return None
        _address(event, at)
    return event


# A statement of its own, after the lock, so that it sees the events that the lock's previous holder recorded.
_RECORD = """
    WITH counted AS (
        UPDATE webhooks_eventcounter SET last = last + 1 WHERE merchant_id = %s
            AND NOT EXISTS (SELECT 1 FROM webhooks_merchantevent WHERE merchant_id = %s AND source = %s)
        RETURNING merchant_id, last
    )
    INSERT INTO webhooks_merchantevent (id, merchant_id, sequence, type, source, data, created_at)
    SELECT %s, merchant_id, last, %s, %s, %s, %s FROM counted"""


def _address(event: MerchantEvent, at: datetime) -> None:
    due = wall()
    deliveries = [
        Delivery(endpoint=endpoint, event=event, next_at=due, created_at=at)
        for endpoint in endpoints_that_hear(event.merchant_id)
        if rules.wants(endpoint.events, event.type)
    ]
    if deliveries:
        Delivery.objects.bulk_create(deliveries)
