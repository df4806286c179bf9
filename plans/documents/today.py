"""The payment plan as it stands on a day, in the active language: each payment, what is paid of it, and the fees that came later."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from core.formats import day_text, money_text
from plans.documents.lines import head, pair, row, text, title
from plans.documents.reading import Paper, write_paper

KIND = "plan_today"
VERSION = "2026-12-01.2"


@dataclass(frozen=True, slots=True)
class ShownFee:
    """A fee that was charged: its day, its name, its amount, and what is open of it (0 too where it was waived), in minor units."""

    day: date
    name: str
    minor: int
    open_minor: int


@dataclass(frozen=True, slots=True)
class PlanOnDay:
    """The facts: payments are (due date, paid, open), with fees, by date, and fees by their days, in minor units."""

    day: date
    locale: str
    lender: Mapping[str, str]
    borrower: str
    order: str
    currency: str
    payments: Sequence[tuple[date, int, int]]
    fees: Sequence[ShownFee]


def write_plan_on_day(told: PlanOnDay, at: datetime) -> Paper:
    """Write the payment plan in the active language; it is not kept, since it says what stands on its day."""
    return write_paper(kind=KIND, version=VERSION, lines=_lines(told), lender=told.lender, at=at)


def _lines(told: PlanOnDay) -> Iterator[str]:
    def money(minor: int) -> str:
        return money_text(minor, told.currency, told.locale)

    def day(on: date) -> str:
        return day_text(on, told.locale, "full")

    left = sum(opened for _day, _paid, opened in told.payments)
    yield title(_("Payment plan as of today"))
    yield text(_("This is how your payments stand on %(day)s.") % {"day": day(told.day)})
    yield pair(_("Lender"), told.lender.get("legal_name", "") or told.lender.get("name", ""))
    yield pair(_("Borrower"), told.borrower)
    yield pair(_("Order"), told.order)
    yield pair(_("Left to pay"), money(left))
    yield head(_("Payments"))
    yield row([_("Payment"), _("Day"), _("Amount"), _("Paid"), _("Left to pay")])
    asked = [one for one in told.payments if one[1] or one[2]]
    for number, (due, paid, opened) in enumerate(asked, 1):
        yield row([str(number), day(due), money(paid + opened), money(paid), money(opened)])
    yield head(_("Fees"))
    if not told.fees:
        yield text(_("None."))
        return
    yield row([_("Day"), _("Fee"), _("Amount"), _("Left to pay")])
    for fee in told.fees:
        yield row([day(fee.day), fee.name, money(fee.minor), money(fee.open_minor)])
    yield text(_("They are part of the payments above."))
