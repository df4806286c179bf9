"""Settings of notices that operators may change."""

from django.utils.translation import gettext_lazy as _

from core.adjusting import keep_days

SETTINGS = [
    keep_days(
        "notifications",
        "notices",
        floor=0,
        default=0,
        title=_("Notices of refusals are kept beyond the market's months"),
        why=_("For how many months the law wants them is a setting of each market."),
    ),
]
