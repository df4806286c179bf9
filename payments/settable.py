"""Settings of movements of money that operators may change, and how long traffic around cards is kept."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.adjusting import DAYS, HOURS, MINUTES, Setting, keep_days

UNANSWERED = Setting(
    "payments.unanswered_hours",
    _("Movements without an answer"),
    _("A charge, refund, payout or hold to which the gateway has not answered for so long is put before a person."),
    HOURS,
    24,
    1,
    168,
    _("Within an hour gateways answer by themselves; after a week somebody has missed the money."),
    variable="BNPL_UNANSWERED_HOURS",
    given=lambda: int(settings.UNANSWERED_HOURS),
)
OVERLAP = Setting(
    "payments.events_overlap_minutes",
    _("Gateways' lists are read again"),
    _("A gateway's list of events is read again from so long before where the last reading ended, for events that came late."),
    MINUTES,
    15,
    1,
    1_440,
    _("Without an overlap, an event that enters the list late is missed."),
    variable="BNPL_EVENTS_OVERLAP_MINUTES",
    given=lambda: int(settings.EVENTS_OVERLAP_MINUTES),
)
PULL_LATE = Setting(
    "payments.pull_late_days",
    _("Bank debits on their way"),
    _("A bank debit that is on its way for longer is put before a person."),
    DAYS,
    21,
    15,
    60,
    _("A bank debit ends within 14 business days; SEPA's first collection takes longest."),
)

SETTINGS = [
    UNANSWERED,
    OVERLAP,
    PULL_LATE,
    keep_days(
        "payments",
        "card_tries",
        floor=2,
        default=30,
        title=_("Declined cards of people are kept"),
        why=_("Limits of cards look back a day."),
    ),
    keep_days(
        "payments",
        "card_visits",
        floor=7,
        default=90,
        title=_("Visits to a gateway's card page are kept"),
        why=_("A visit may bring a card for a day."),
    ),
    keep_days(
        "payments",
        "gateway_events",
        floor=120,
        default=400,
        title=_("Which events came from gateways is kept"),
        why=_("A gateway sends an event again for days, and a charge can be disputed 120 days later."),
    ),
]
