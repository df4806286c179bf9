"""Settings of fraud signals that operators may change: how long sightings are kept."""

from django.utils.translation import gettext_lazy as _

from core.adjusting import keep_days

SETTINGS = [
    keep_days(
        "fraud",
        "sightings",
        floor=31,
        default=400,
        title=_("Sightings of devices and purchases are kept"),
        why=_("Signals look back 30 days."),
    )
]
