"""Settings that operators may change: the retention of sightings, links, and records of the money laundering desk."""

from django.utils.translation import gettext_lazy as _

from core.adjusting import keep_days

SETTINGS = [
    keep_days(
        "fraud",
        "sightings",
        floor=31,
        default=400,
        title=_("Sightings of devices, purchases and sign-ins are kept"),
        why=_("Signals look back 30 days."),
    ),
    keep_days(
        "fraud",
        "laundering",
        floor=1_827,
        default=1_827,
        title=_("What the money laundering desk found is kept"),
        why=_("The law asks for it for five years."),
    ),
    keep_days(
        "fraud",
        "links",
        floor=180,
        default=730,
        title=_("Links between people who share something are kept"),
        why=_("Rings of fraud are found months later."),
    ),
]
