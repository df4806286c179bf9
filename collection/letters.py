"""Letters that operators send to late people: the templates of a market, as one person would read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import translation

from accounts.models import Consumer
from brands.queries import get_brand
from collection.cases import list_late_of
from collection.models import CaseLetter
from core.clock import local_date
from core.errors import NotFound
from core.formats import day_text
from core.ids import parse_id
from core.locales import page_locale
from core.money import Money
from markets.queries import list_letters


@dataclass(frozen=True, slots=True)
class Draft:
    """A template as a person would get it: the row of the setting, its name for operators, and the words in a language."""

    setting: int
    name: str
    asks: bool
    language: str
    heading: str
    text: str


def drafts_for(consumer: Consumer, at: datetime) -> list[Draft]:
    """Return the letters that a person's market and brand have now, in their language, else in English or any other."""
    today = local_date(at, consumer.time_zone)
    found = [row for row in list_letters(consumer.market_id, today) if row.value.get("brand", consumer.brand_id) == consumer.brand_id]
    if not found:
        return []
    late = late_sums(consumer, at)
    return [_draft(row.pk, row.value, consumer, late, today) for row in found]


def late_sums(consumer: Consumer, at: datetime) -> dict[str, int]:
    """Return what is late of a person now with fees, by currency, in minor units; empty for nothing."""
    sums: dict[str, int] = {}
    for one in list_late_of(consumer.pk, at):
        sums[one.plan.currency] = sums.get(one.plan.currency, 0) + one.late_minor
    return sums


def _draft(setting: int, value: Mapping[str, Any], consumer: Consumer, late: Mapping[str, int], today: date) -> Draft:
    mine = consumer.language or consumer.locale[:2]
    language = next(code for code in (mine, "en", "da", "sv", "de") if f"{code}_text" in value)
    # Amounts and dates are in the letter's language, whoever reads it first.
    with translation.override(language):
        locale = page_locale(consumer.locale)
        marks = {
            "{person}": str(consumer.name),
            "{company}": get_brand(consumer.brand_id).legal_name.rstrip("."),
            "{amount}": " + ".join(Money(minor, currency).text(locale) for currency, minor in late.items()),
            "{day}": day_text(today, locale, "full"),
        }
    heading, text = value[f"{language}_heading"], value[f"{language}_text"]
    for mark, words in marks.items():
        heading, text = heading.replace(mark, words), text.replace(mark, words)
    return Draft(setting, value["name"], value["asks"], language, heading, text)


def list_sent(consumer: Consumer, *, limit: int) -> list[CaseLetter]:
    """Return the letters that operators sent to a person, the newest first."""
    return list(CaseLetter.objects.filter(consumer=consumer).order_by("-id")[:limit])


def access_letter(public_id: str, consumer: Consumer) -> CaseLetter:
    """Return a letter that an operator sent to a person; NotFound for one of somebody else."""
    found = CaseLetter.objects.filter(pk=parse_id(CaseLetter.PREFIX, public_id), consumer=consumer).first()
    if found is None:
        raise NotFound("There is no such letter.")
    return found
