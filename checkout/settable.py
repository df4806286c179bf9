"""Settings of held orders and refunds that operators may change."""

from django.utils.translation import gettext_lazy as _

from core.adjusting import HOURS, PERCENT, Setting, alone_limits, keep_days

HELD_URGENT = Setting(
    "checkout.held_urgent_percent",
    _("Held orders become urgent"),
    _("When so much of a held order's time has passed without a decision, it moves up the work list. Operators and the person hear of it."),
    PERCENT,
    50,
    5,
    75,
    _("Sooner than this nobody had a chance to decide."),
)
HELD_VERY_URGENT = Setting(
    "checkout.held_very_urgent_percent",
    _("Held orders become very urgent"),
    _("When so much of a held order's time has passed without a decision, it comes first. Operators and the person hear of it again."),
    PERCENT,
    80,
    76,
    99,
    _("It comes after the first step, and before the order ends."),
)
SAME_HOURS = Setting(
    "checkout.same_hours",
    _("The same capture or refund twice"),
    _("A shop that captures or refunds the same amount of one order again within this time is asked whether it means it."),
    HOURS,
    24,
    1,
    168,
    _("A slip is repeated soon; what comes a week later is meant."),
)

REFUND_ALONE = alone_limits(
    "checkout.refund_alone",
    title=_("A refund by one operator"),
    about=_(
        "An operator refunds at most so much of an order without a second person, all refunds of theirs together; shops are not bound."
    ),
    why=_("What goes back to a card cannot be taken back."),
)
"""How much of an order one operator may refund alone, by currency."""

SETTINGS = [
    HELD_URGENT,
    HELD_VERY_URGENT,
    SAME_HOURS,
    keep_days(
        "checkout",
        "checkouts",
        floor=30,
        default=180,
        title=_("Checkouts that came to nothing are kept"),
        why=_("A shop may ask for a month what became of a basket."),
    ),
    keep_days(
        "checkout",
        "journeys",
        floor=7,
        default=100,
        title=_("How far somebody came in a checkout is kept"),
        why=_("The figures of each day stay."),
    ),
    *REFUND_ALONE.values(),
]
