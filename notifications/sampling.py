"""Letters about a payment as they would be written to a made-up person, to be read before anybody gets them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from brands.queries import PageBrand
from checkout.agreeing import lender_of
from core.locales import page_locale
from core.money import Money
from markets.models import Market
from markets.queries import find_debt_advice
from notifications import rules
from notifications.letters import IN_NEED, plain_of, text_of
from plans.documents.facts import Borrower
from plans.documents.late_notice import Late, LateFacts, write_late_notice

AMOUNT, ADDED, COUNT = 25_000, 1_000, 4
"""What is late of the sample, and a fee that is no fixed amount, in minor units; and how many payments its plan has."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A letter in a language: what it is named by, and its text."""

    language: str
    subject: str
    text: str


def sample_of(kind: str, told: Mapping[str, Any], *, language: str, market: Market, brand: PageBrand, due: date, at: datetime) -> Sample:
    """Write a letter in a language as the person of a payment of a market would get it, with made-up names, links that lead nowhere.

    `told` are the facts of its kind: a reminder's `tone`, a fee's `fee_kind` and `added` in minor units, a notice's `notice`, `days`, `law`
    and the `late` days.
    """
    with translation.override(language):
        locale = page_locale(market.code)
        words: dict[str, Any] = {
            "brand": brand,
            "locale": locale,
            "email": brand.support_email,
            "lender": brand.legal_name,
            "merchant": _("Example shop"),
            "card": _("your card"),
            "amount": Money(AMOUNT, market.currency).text(locale),
            "day": rules.day_text(due, locale),
            "which": 1,
            "count": COUNT,
            "url": f"{brand.base_url}/…",
            "is_open": True,
            **told,
        }
        if kind in IN_NEED:
            words["advice"] = find_debt_advice(market.code, due)
        if "added" in told:
            words["added"] = Money(told["added"] or ADDED, market.currency).text(locale)
        if kind == "late_notice":
            paper = write_late_notice(_notice(told, locale, market, brand, due), at)
            words |= {"paper": [block for block in paper.blocks if block.kind != "title"], "paper_title": paper.title}
        return Sample(language, plain_of(kind, "subject", words), text_of(kind, words))


def _notice(told: Mapping[str, Any], locale: str, market: Market, brand: PageBrand, due: date) -> LateFacts:
    return LateFacts(
        kind=told["notice"],
        day=due + timedelta(days=told["late"]),
        locale=locale,
        lender=lender_of(brand),
        borrower=Borrower("con_…", _("Example person"), ""),
        shop=_("Example shop"),
        currency=market.currency,
        payments=(Late(due, AMOUNT, 0),),
        days=told["days"],
        law=told["law"],
    )
