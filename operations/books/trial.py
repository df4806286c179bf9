"""The trial balance for its page and its CSV file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from django.http import HttpRequest
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from core.money import units_of
from ledger.statements import Span, TrialRow
from ledger.texts import account_word

LISTED_DAYS = 31
"""For a longer span the page links to all accounts, not only to those with lines in it: finding these would read every line of the span."""


@dataclass(frozen=True, slots=True)
class CurrencyTotals:
    """The rows of one currency with their sums in minor units; in correct books, debits equal credits."""

    currency: str
    rows: list[tuple[str, TrialRow]]
    opening_debit_minor: int
    opening_credit_minor: int
    debit_minor: int
    credit_minor: int
    closing_debit_minor: int
    closing_credit_minor: int

    @property
    def balances(self) -> bool:
        """Whether debits and credits are equal."""
        debits = (self.opening_debit_minor, self.debit_minor, self.closing_debit_minor)
        return debits == (self.opening_credit_minor, self.credit_minor, self.closing_credit_minor)


def totals_of(rows: Iterable[TrialRow]) -> list[CurrencyTotals]:
    """Group the rows of a trial balance, sorted by currency, by currency."""
    return [_totals(currency, list(found)) for currency, found in groupby(rows, key=lambda row: row.currency)]


def _totals(currency: str, rows: list[TrialRow]) -> CurrencyTotals:
    return CurrencyTotals(
        currency,
        [(account_word(row.kind), row) for row in rows],
        sum(row.opening.debit_minor for row in rows),
        sum(row.opening.credit_minor for row in rows),
        sum(row.debit_minor for row in rows),
        sum(row.credit_minor for row in rows),
        sum(row.closing.debit_minor for row in rows),
        sum(row.closing.credit_minor for row in rows),
    )


FIRST_DAY = date(1970, 1, 1)


def asked_span(request: HttpRequest, today: date) -> Span | None:
    """Return the span in a page's query string (`from` and `until`, or `day`), ending today at the latest; None if it has none."""
    first = _day(request.GET.get("from", "")) or _day(request.GET.get("day", ""))
    last = _day(request.GET.get("until", "")) or first
    if first is None or last is None:
        return None
    first, last = sorted((min(first, today), min(last, today)))
    return Span(first, last)


def _day(text: str) -> date | None:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    # Of the first day that there can be no time zone knows the beginning in UTC.
    return max(found, FIRST_DAY) if found else None


def header() -> list[str]:
    """Return the heading of the file."""
    opening, moved, closing = (_("Opening balance"), _("In the span"), _("Closing balance"))
    sides = [f"{part}, {side}" for part in (opening, moved, closing) for side in (_("Debit"), _("Credit"))]
    return [_("Currency"), _("Account"), _("Code"), *sides]


def lines_of(rows: Iterable[TrialRow]) -> Iterator[list[str | Decimal]]:
    """Yield the lines of the file, amounts in units of their currency."""
    for row in rows:
        amounts = (
            *(row.opening.debit_minor, row.opening.credit_minor, row.debit_minor, row.credit_minor),
            *(row.closing.debit_minor, row.closing.credit_minor),
        )
        yield [row.currency, account_word(row.kind), row.kind, *(units_of(minor, row.currency) for minor in amounts)]
