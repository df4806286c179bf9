"""Settings of notices around a due date that operators may change."""

from django.utils.translation import gettext_lazy as _

from core.adjusting import DAYS, Setting

REMIND_DAYS = Setting(
    "collection.remind_days",
    _("Reminder before a payment"),
    _("People hear of a payment at most so many days before it is due."),
    DAYS,
    3,
    1,
    14,
    _("A day before is the latest that helps; two weeks before it is forgotten again."),
)

SETTINGS = [REMIND_DAYS]
