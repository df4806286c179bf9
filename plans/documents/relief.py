"""The payment plan after relief, in the active language: what changed, each payment, and what is left after it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core.formats import day_text, money_text
from core.sentences import one_stop
from plans.documents.lines import head, pair, row, text, title
from plans.documents.reading import Paper
from plans.rules.hardship import PAUSE

KIND = "new_plan"
VERSION = "2026-11-30.1"
"""Raise it with every change of its words; `tests/plans/test_relief_paper.py` checks that."""


@dataclass(frozen=True, slots=True)
class NewPlan:
    """The facts of relief: `day` is its date where the person lives; payments are (due date, amount) by date, in minor units.

    `kind` and `days` are those of the relief. `rebate_minor` is the interest that falls away. `lender` has the names and the color that the
    agreement has.
    """

    day: date
    locale: str
    lender: Mapping[str, str]
    borrower: str
    order: str
    currency: str
    kind: str
    days: int
    payments: tuple[tuple[date, int], ...]
    rebate_minor: int = 0


def write_new_plan(told: NewPlan, at: datetime) -> Paper:
    """Write the payment plan in the active language; the same facts always give the same text."""
    language = (get_language() or "en").partition("-")[0]
    words = "".join(f"{one_stop(line.rstrip())}\n" for line in _lines(told))
    return Paper(kind=KIND, version=VERSION, language=language, text=words, lender=told.lender, at=at.isoformat())


def _lines(told: NewPlan) -> Iterator[str]:
    def money(minor: int) -> str:
        return money_text(minor, told.currency, told.locale)

    total = sum(minor for _day, minor in told.payments)
    yield title(_("New payment plan"))
    yield text(
        _("It stands in place of the payment plan before, from %(day)s on.") % {"day": day_text(told.day, told.locale, "full")},
        _("Everything else of your agreement stays as it is."),
    )
    yield head(_("What changed"))
    if told.kind == PAUSE:
        paused = ngettext("Your payments are paused for %(days)s day.", "Your payments are paused for %(days)s days.", told.days)
        yield text(paused % {"days": told.days}, _("Nothing is late meanwhile, and no amount changed."))
    else:
        less = _("%(amount)s of interest falls away.") % {"amount": money(told.rebate_minor)} if told.rebate_minor else ""
        yield text(_("Your payments are smaller. No more interest is added."), less)
    yield text(_("No fee is charged for this, and none for being late from now on."))
    yield pair(_("Lender"), told.lender.get("legal_name", "") or told.lender.get("name", ""))
    yield pair(_("Borrower"), told.borrower)
    yield pair(_("Order"), told.order)
    yield pair(_("Left to pay"), money(total))
    yield head(_("Payments"))
    yield row([_("Payment"), _("Day"), _("Amount"), _("Left to pay")])
    left = total
    for number, (day, minor) in enumerate(told.payments, 1):
        left -= minor
        yield row([str(number), day_text(day, told.locale, "full"), money(minor), money(left)])
