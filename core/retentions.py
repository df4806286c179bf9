"""How long the kernel's traffic rows and Django's sessions are kept."""

from django.contrib.sessions.models import Session

from core.models import Delivery, IdempotentAnswer, OutboxEvent, ProviderCalls, TableDay
from core.retention import Retention

_EVENTS = "Who looks into what went wrong finds what was told to whom for at least a month."

RETENTIONS = [
    Retention(Delivery, "done_at", "BNPL_KEEP_EVENTS_DAYS", 30, _EVENTS, done="r.done_at IS NOT NULL", by_wall=True),
    Retention(
        OutboxEvent,
        "at",
        "BNPL_KEEP_EVENTS_DAYS",
        30,
        _EVENTS,
        done="r.relayed AND NOT EXISTS (SELECT 1 FROM core_delivery d WHERE d.event_id = r.id)",
        function="forget_events",
    ),
    Retention(IdempotentAnswer, "created_at", "BNPL_KEEP_ANSWERS_DAYS", 30, "A key is promised the same answer for 30 days."),
    Retention(ProviderCalls, "hour", "BNPL_KEEP_CALLS_DAYS", 2, "The list of providers tells how a day went.", by_wall=True),
    Retention(TableDay, "day", "BNPL_KEEP_SIZES_DAYS", 30, "The page of sizes tells growth.", by_wall=True),
    Retention(Session, "expire_date", "BNPL_KEEP_SESSIONS_DAYS", 0, "It signs nobody in any more.", by_wall=True),
]
