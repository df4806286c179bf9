"""The notices that a market's law demands while a plan is late, in the active language: what is late, until when to pay, what follows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.formats import day_text, money_text
from core.sentences import one_stop
from plans.documents.facts import Borrower, Lender
from plans.documents.lines import head, link, pair, row, text, title
from plans.documents.reading import Paper

KIND = "late_notice"
VERSION = "2026-11-30.1"
"""Raise it with every change of a notice's words; `tests/plans/test_late_notices.py` checks that."""


@dataclass(frozen=True, slots=True)
class Late:
    """A payment that is late: its due date, and what is open of it and of its fees, in minor units."""

    due_date: date
    open_minor: int
    fees_minor: int


@dataclass(frozen=True, slots=True)
class LateFacts:
    """The facts of a notice: `kind` is `arrears`, `default` or `hand_over`, `days` are those to pay from the day on which it is sent."""

    kind: str
    day: date
    locale: str
    lender: Lender
    borrower: Borrower
    shop: str
    currency: str
    payments: tuple[Late, ...]
    days: int
    law: str


def write_late_notice(told: LateFacts, at: datetime) -> Paper:
    """Write the notice in the active language; the same facts always give the same text."""
    lender = told.lender
    return Paper(
        kind=KIND,
        version=VERSION,
        language=(get_language() or "en").partition("-")[0],
        text="".join(f"{one_stop(line.rstrip())}\n" for line in _lines(told)),
        lender={"name": lender.name, "legal_name": lender.legal_name, "color": lender.color},
        at=at.isoformat(),
    )


def title_of(kind: str) -> str:
    """Return the title of a kind of notice."""
    if kind == "default":
        return _("Notice of default")
    return _("Notice of arrears") if kind == "arrears" else _("Notice before we hand over your debt")


def _lines(told: LateFacts) -> Iterator[str]:
    lender, borrower = told.lender, told.borrower
    whole = sum(one.open_minor for one in told.payments)
    yield title(title_of(told.kind))
    yield text(_what(told, money_text(whole, told.currency, told.locale)))
    yield head(_("What is late"))
    yield row((_("Due"), _("Open"), _("Of it fees")))
    for one in told.payments:
        amounts = (money_text(minor, told.currency, told.locale) for minor in (one.open_minor, one.fees_minor))
        yield row((day_text(one.due_date, told.locale, "full"), *amounts))
    yield head(_("What you can do"))
    yield text(_("Pay what is late, and nothing follows. You can pay all of it or a part, on the page of your purchase."))
    yield text(
        _(
            "Can you not pay? Choose “I cannot pay this month” on the Help page, or write to us. A person"
            " answers, and looks for a way with you."
        )
    )
    yield head(_("The agreement"))
    yield pair(_("Date"), day_text(told.day, told.locale, "full"))
    yield pair(_("Shop"), told.shop)
    yield pair(_("Lender"), ", ".join(filter(None, (lender.legal_name, lender.register_number, lender.address, lender.email))))
    yield pair(_("Customer"), ", ".join(filter(None, (borrower.name, borrower.address, borrower.number))))
    yield pair(_("Law"), told.law)
    if lender.email:
        yield link(lender.email, f"mailto:{lender.email}")


def _what(told: LateFacts, whole: str) -> str:
    """Return the paragraph that says what is late, until when to pay, and what follows otherwise."""
    facts = {"whole": whole, "shop": told.shop, "days": told.days, "lender": told.lender.legal_name}
    if told.kind == "default":
        return (
            _(
                "%(whole)s of your purchase at %(shop)s is late. Pay it within %(days)s days after the day on which this notice was sent"
                " to you. Otherwise %(lender)s may end the agreement: then all that is left of it is owed at once, and is written off as"
                " lost in our books."
            )
            % facts
        )
    if told.kind == "hand_over":
        return (
            _(
                "%(whole)s of your purchase at %(shop)s is late. Pay it within %(days)s days after the day on which this notice was sent"
                " to you. Otherwise %(lender)s may have an agency collect it, which can cost you more."
            )
            % facts
        )
    return _("%(whole)s of your purchase at %(shop)s is late. This notice tells you what you owe, and what you can do.") % facts
