"""The payment plan after relief or after payments were laid out anew, in the active language: what changed, and each payment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.formats import day_text, money_text
from plans.documents.lines import head, pair, row, text, title
from plans.documents.reading import Paper, write_paper
from plans.rules.hardship import PAUSE
from plans.rules.rearranging import RE_AGED, REAMORTIZED

KIND = "new_plan"
VERSION = "2026-12-01.1"
"""Raise it with every change of its words; `tests/plans/test_relief_by_people.py` checks that."""


@dataclass(frozen=True, slots=True)
class NewPlan:
    """The facts of relief, or of payments laid out anew (a `kind` of `plans.rules.rearranging`).

    `day` is its date where the person lives; payments are (due date, amount) by date, in minor units.

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
    return write_paper(kind=KIND, version=VERSION, lines=_lines(told), lender=told.lender, at=at)


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
    elif told.kind == RE_AGED:
        yield text(_("We moved what was late to the end. Nothing is late any more, and you pay no more than before."))
    elif told.kind == REAMORTIZED:
        yield text(_("We spread what is left over the payments to come. Nothing is late any more, and you pay no more than before."))
    else:
        less = _("%(amount)s of interest falls away.") % {"amount": money(told.rebate_minor)} if told.rebate_minor else ""
        yield text(_("Your payments are smaller. No more interest is added."), less)
    if told.kind in {RE_AGED, REAMORTIZED}:
        yield text(_("No fee is charged for this."))
    else:
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
