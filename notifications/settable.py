"""Settings of notices that operators may change."""

from django.utils.translation import gettext_lazy as _

from core.adjusting import DAYS, Setting, keep_days

POST_DAYS = Setting(
    "notifications.post_days",
    _("Letters on paper: days until they arrive"),
    _("A notice that was posted counts as told so many days later."),
    DAYS,
    4,
    1,
    14,
    _("Where the law says when a posted letter counts as received, it has to be at least that."),
)

SETTINGS = [
    POST_DAYS,
    keep_days(
        "notifications",
        "notices",
        floor=0,
        default=0,
        title=_("Notices of refusals are kept beyond the market's months"),
        why=_("For how many months the law wants them is a setting of each market."),
    ),
]
