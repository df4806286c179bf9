"""The notice of a refusal or a lower limit, in the active language: what was asked for, why it was refused, what the person may do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.formats import day_text, money_text
from core.sentences import one_stop
from plans.documents.facts import Borrower, Lender
from plans.documents.lines import head, link, pair, point, text, title
from plans.documents.reading import Paper

KIND, CUT = "refusal", "lower_limit"
VERSION = "2026-11-30.5"
"""Raise it with every change of a notice's words; `tests/plans/test_refusal_words.py` checks that."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The facts of a refusal: `day` is its date where the person lives, the amount is in minor units, `shop` is empty if it is unknown.

    `outcome` is the paragraph that says what was refused. `reasons` are sentences, the main one first; `rights` are the paragraphs that the
    law asks for. `limits` are the limit before and now, where it was lowered: then the notice is about no application, and `amount_minor`
    does not count.
    """

    day: date
    locale: str
    lender: Lender
    applicant: Borrower
    shop: str
    currency: str
    amount_minor: int
    outcome: str
    reasons: tuple[str, ...]
    rights: tuple[str, ...]
    limits: tuple[int, int] | None = None


def write_refusal(told: Refusal, at: datetime) -> Paper:
    """Write the notice in the active language; the same facts always give the same text. `at` is when it was decided."""
    lender = told.lender
    return Paper(
        kind=CUT if told.limits else KIND,
        version=VERSION,
        language=(get_language() or "en").partition("-")[0],
        text="".join(f"{one_stop(line.rstrip())}\n" for line in _lines(told)),
        lender={"name": lender.name, "legal_name": lender.legal_name, "color": lender.color},
        at=at.isoformat(),
    )


def _lines(told: Refusal) -> Iterator[str]:
    yield title(_("A lower limit") if told.limits else _("Refusal of your application"))
    yield text(told.outcome)
    yield head(_("Your limit") if told.limits else _("Your application"))
    yield from _application(told)
    if told.reasons:
        yield head(_("The main reason") if len(told.reasons) == 1 else _("The main reasons"))
        yield from map(point, told.reasons)
    yield head(_("Your rights"))
    yield from map(text, told.rights)
    if told.lender.email:
        yield link(told.lender.email, f"mailto:{told.lender.email}")


def _application(told: Refusal) -> Iterator[str]:
    lender, applicant = told.lender, told.applicant
    yield pair(_("Decided"), day_text(told.day, told.locale, "full"))
    yield pair(_("Lender"), ", ".join(filter(None, (lender.legal_name, lender.register_number, lender.address, lender.email))))
    named = {"applicant": ", ".join(filter(None, (applicant.name, applicant.address))), "number": applicant.number}
    yield pair(_("Customer") if told.limits else _("Applicant"), _("%(applicant)s, customer %(number)s") % named)
    if told.limits:
        before, now = (money_text(minor, told.currency, told.locale) for minor in told.limits)
        yield pair(_("Limit before"), before)
        yield pair(_("Limit now"), now)
        return
    if told.shop:
        yield pair(_("Shop"), told.shop)
    yield pair(_("Amount"), money_text(told.amount_minor, told.currency, told.locale))
