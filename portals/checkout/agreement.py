"""The credit agreement: one text, shown before consent and stored word for word with the plan."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.template import Context
from django.template.loader import get_template

from accounts.models import Consumer
from checkout.models import Checkout
from checkout.queries import quoted_payments
from core.clock import local_date
from core.locales import page_locale
from markets.queries import find_setting
from payments.queries import smallest_new_charge
from plans.queries import Quote

VERSION = "2026-11-28.3"
"""Raised with every change of the text; `tests/portals/test_agreement.py` compares the two."""

# Directive (EU) 2023/2225, art. 26 and Consumer Credit Act 1974, s. 66A: used where a market has no dated setting of its own.
WITHDRAWAL_DAYS = {"EU": 14, "UK": 14}


@dataclass(frozen=True, slots=True)
class Terms:
    """The agreement's text with its version; `seal` is its SHA-256, by which a form names the text that its page showed."""

    version: str
    text: str

    @property
    def seal(self) -> str:
        """The SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the text as a page shows it: `title`, `head`, `list` (with `rows`) or `text`."""

    kind: str
    text: str = ""
    rows: tuple[str, ...] = ()


def write_terms(checkout: Checkout, consumer: Consumer, quote: Quote, at: datetime) -> Terms:
    """Write the agreement for a checkout under a quote: the same text all day. The text names no person; its database row does."""
    market = checkout.merchant.market
    day = local_date(at, consumer.time_zone)
    context = {
        "version": VERSION,
        "brand": settings.BRAND,
        "locale": page_locale(consumer.locale),
        "checkout": checkout,
        "merchant": checkout.merchant,
        "market": market,
        "consumer": consumer,
        "quote": quote,
        "payments": quoted_payments(quote, capture=checkout.capture),
        "least": smallest_new_charge(market.code, quote.currency),
        "day": day,
        "withdrawal_days": withdrawal_days(market.code, market.law, day),
    }
    template = get_template("portals/checkout/agreement.txt")
    text = template.template.render(Context(context, autoescape=False))  # type: ignore[attr-defined]
    return Terms(VERSION, "\n".join(line.rstrip() for line in text.strip().splitlines()) + "\n")


def withdrawal_days(market_code: str, law: str, on: date) -> int:
    """Return the number of days for withdrawing from an agreement made on a date; 0 where the law has no right of withdrawal."""
    setting = find_setting(market_code, "withdrawal.days", on)
    return int(setting.value) if setting else WITHDRAWAL_DAYS.get(law, 0)


def blocks_of(text: str) -> Iterator[Block]:
    """Yield the pieces of an agreement's text: `= title`, `# head`, `- row`, and paragraphs."""
    rows: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("- "):
            rows.append(line[2:])
            continue
        if rows:
            yield Block("list", rows=tuple(rows))
            rows = []
        if line.startswith(("= ", "# ")):
            yield Block("title" if line[0] == "=" else "head", line[2:])
        elif line:
            yield Block("text", line)
