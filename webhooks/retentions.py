"""Retention of shops' events, with their deliveries and tries."""

from core.retention import Retention
from webhooks.models import Attempt, Delivery, MerchantEvent
from webhooks.states import DeliveryStatus

_EVENTS = "Deliveries are tried for four days; a shop reads again what it missed, or has it sent again, for at least a month."

RETENTIONS = [
    Retention(
        Attempt,
        "at",
        "BNPL_KEEP_WEBHOOKS_DAYS",
        30,
        _EVENTS,
        done=f"NOT EXISTS (SELECT 1 FROM webhooks_delivery d WHERE d.id = r.delivery_id AND d.status = '{DeliveryStatus.WAITING}')",  # noqa: S608
        function="forget_webhook_attempts",
    ),
    Retention(
        Delivery,
        "created_at",
        "BNPL_KEEP_WEBHOOKS_DAYS",
        30,
        _EVENTS,
        done=f"r.status <> '{DeliveryStatus.WAITING}' AND NOT EXISTS (SELECT 1 FROM webhooks_attempt a WHERE a.delivery_id = r.id)",  # noqa: S608
    ),
    Retention(
        MerchantEvent,
        "created_at",
        "BNPL_KEEP_WEBHOOKS_DAYS",
        30,
        _EVENTS,
        done="NOT EXISTS (SELECT 1 FROM webhooks_delivery d WHERE d.event_id = r.id)",
        function="forget_merchant_events",
    ),
]
