"""Settings of webhooks that operators may change: how long shops' events are kept."""

from django.utils.translation import gettext_lazy as _

from core.adjusting import keep_days

SETTINGS = [
    keep_days(
        "webhooks",
        "webhooks",
        floor=30,
        default=180,
        title=_("Shops' events and their deliveries are kept"),
        why=_("Deliveries are tried for four days; a shop reads again what it missed, or has it sent again, for at least a month."),
    )
]
