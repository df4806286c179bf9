"""Settings of figures that operators may change."""

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.adjusting import ALONE, PERCENT, Setting, Unit

_BPS = Unit(
    _("hundredths of a percent"), lambda number: ngettext("%(number)s hundredth of a percent", "%(number)s hundredths of a percent", number)
)
FUNDS = {
    currency: Setting(
        f"reports.funds_bps_{currency.lower()}",
        format_lazy(_("Cost of lent money in a year, {currency}"), currency=currency),
        _("The page of margins charges it for each day on which money is lent."),
        _BPS,
        500,
        0,
        5_000,
        _("Nobody pays more than half of the money in a year for it."),
    )
    for currency in ALONE
}
LATE_PCT = Setting(
    "reports.late_pct",
    _("Expected loss of overdue money"),
    _("The page of margins expects this share of overdue money to be lost; of other open money, as much as was lost before in its grade."),
    PERCENT,
    50,
    0,
    100,
    _("It is a share."),
)

SETTINGS = [*FUNDS.values(), LATE_PCT]
