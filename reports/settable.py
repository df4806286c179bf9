"""Settings of figures that operators may change."""

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.adjusting import ALONE, PERCENT, Setting, Unit
from core.sentences import Text

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
    _(
        "The page of margins expects this share of overdue money to be lost; of other open money, what the stored probabilities say, or as "
        "much as was lost before in its grade."
    ),
    PERCENT,
    50,
    0,
    100,
    _("It is a share."),
)
_PLANS = Unit(_("plans"), lambda number: ngettext("%(number)s plan", "%(number)s plans", number))
_ANSWER = Unit(_("1 for yes, 0 for no"), lambda _number: "%(number)s")
_MOVES_INCOME = _("It moves the result of each month from the next one on.")


def _floor(name: str, title: Text, about: Text, default: int) -> Setting:
    return Setting(f"reports.provisions_{name}", title, about, _BPS, default, 0, 10_000, _MOVES_INCOME, dangerous=True)


PROVISIONS_FEW = Setting(
    "reports.provisions_few",
    _("So many plans make a chance or a loss our own"),
    _("Provisions take chances and losses from our own plans where so many were observed, else from the settings beside."),
    _PLANS,
    30,
    1,
    10_000,
    _MOVES_INCOME,
    dangerous=True,
)
PROVISIONS_FIRST = _floor(
    "first_bps", _("Chance of default, stage 1"), _("Provisions take it where few plans of a bucket were observed."), 200
)
PROVISIONS_SECOND = _floor(
    "second_bps", _("Chance of default, stage 2"), _("Provisions take it where few plans of a bucket were observed."), 3_500
)
PROVISIONS_LGD = _floor(
    "lgd_bps",
    _("Loss in a default"),
    _("Provisions take it where few plans were given up, and the page of margins with the probabilities that decisions stored."),
    7_500,
)
PROVISIONS_LIFETIME = Setting(
    "reports.provisions_lifetime",
    _("Losses of the whole life in all stages (CECL)"),
    _("Provisions by US-GAAP (ASC 326) count the losses of the whole life for plans that are in time too; by IFRS 9 those of a year."),
    _ANSWER,
    0,
    0,
    1,
    _MOVES_INCOME,
    dangerous=True,
)

SETTINGS = [*FUNDS.values(), LATE_PCT, PROVISIONS_FEW, PROVISIONS_FIRST, PROVISIONS_SECOND, PROVISIONS_LGD, PROVISIONS_LIFETIME]
