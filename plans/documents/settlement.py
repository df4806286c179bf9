"""The letter of settlement, in the active language: what was agreed on, what was paid, and that nothing is owed any more."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from core.formats import day_text, money_text
from plans.documents.lines import head, pair, text, title
from plans.documents.reading import Paper, write_paper

SETTLEMENT = "settlement"
VERSION = "2026-12-01.1"
"""Raise it with every change of its words."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The facts of a settlement: `day` is that of the last payment where the person lives; amounts in minor units.

    `lender` has the names and the color that the agreement has. `disputed`: the person was right that they do not owe it.
    """

    day: date
    locale: str
    lender: Mapping[str, str]
    borrower: str
    order: str
    currency: str
    paid_minor: int
    forgiven_minor: int
    disputed: bool = False


def write_settlement(told: Settled, at: datetime) -> Paper:
    """Write the letter in the active language; the same facts always give the same text."""
    lines = _of_disputed(told) if told.disputed else _lines(told)
    return write_paper(kind=SETTLEMENT, version=VERSION, lines=lines, lender=told.lender, at=at)


def _of_disputed(told: Settled) -> Iterator[str]:
    day = day_text(told.day, told.locale, "full")
    yield title(_("What you no longer owe"))
    yield text(_("You were right about what we asked of you. Since %(day)s you owe nothing more for this order.") % {"day": day})
    yield pair(_("Lender"), told.lender.get("legal_name", "") or told.lender.get("name", ""))
    yield pair(_("Borrower"), told.borrower)
    yield pair(_("Order"), told.order)
    yield pair(_("No longer owed"), money_text(told.forgiven_minor, told.currency, told.locale))
    yield head(_("What this means"))
    yield text(_("Nobody collects it, and we sell it to nobody."))
    yield text(_("Keep this letter."))


def _lines(told: Settled) -> Iterator[str]:
    def money(minor: int) -> str:
        return money_text(minor, told.currency, told.locale)

    day = day_text(told.day, told.locale, "full")
    yield title(_("Letter of settlement"))
    yield text(_("You paid what we agreed on. Since %(day)s you owe nothing more for this order.") % {"day": day})
    yield pair(_("Lender"), told.lender.get("legal_name", "") or told.lender.get("name", ""))
    yield pair(_("Borrower"), told.borrower)
    yield pair(_("Order"), told.order)
    yield pair(_("Paid as agreed on"), money(told.paid_minor))
    yield pair(_("No longer owed"), money(told.forgiven_minor))
    yield head(_("What this means"))
    yield text(
        _("Nobody collects the rest, and we sell it to nobody."),
        _("If your bank takes back a payment for this order, what fell away is owed again."),
        _("That this order was settled for less is noted with us."),
        _("In some countries, what a lender lets go counts as income for your taxes."),
    )
    yield text(_("Keep this letter."))
