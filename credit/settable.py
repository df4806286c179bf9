"""Settings of decisions that operators may change."""

from django.utils.translation import gettext_lazy as _

from core.adjusting import DAYS, Setting

REPORT_DAYS = Setting(
    "credit.report_days",
    _("A bureau's report is used again"),
    _("Another purchase within so many days is decided on the same report; after that the bureau is asked anew."),
    DAYS,
    30,
    1,
    90,
    _("A report of last quarter says little about today, and each costs money."),
    dangerous=True,
)

SETTINGS = [REPORT_DAYS]
