"""How long card tries, card page visits and gateway events are kept; movements of money are records and are kept forever."""

from django.utils.translation import gettext_noop

from core.retention import Retention
from payments.models import CardSetup, CardTry, GatewayEvent

RETENTIONS = [
    Retention(CardTry, "at", "BNPL_KEEP_CARD_TRIES_DAYS", 2, "Limits of cards look back a day."),
    Retention(CardSetup, "created_at", "BNPL_KEEP_CARD_VISITS_DAYS", 7, gettext_noop("A visit may bring a card for a day.")),
    Retention(
        GatewayEvent,
        "received_at",
        "BNPL_KEEP_GATEWAY_EVENTS_DAYS",
        120,
        "A gateway sends an event again for days, and a charge can be disputed 120 days later.",
        function="forget_gateway_events",
    ),
]
