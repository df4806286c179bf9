"""The trial balance as the page shows it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from ledger.statements import TrialRow
from operations.books.wording import account_word


@dataclass(frozen=True, slots=True)
class CurrencyTotals:
    """The rows of one currency with their sums, in minor units; where the books are right, debits equal credits."""

    currency: str
    rows: list[tuple[str, TrialRow]]
    moved_debit_minor: int
    moved_credit_minor: int
    debit_minor: int
    credit_minor: int

    @property
    def balances(self) -> bool:
        """Whether debits and credits are equal."""
        return (self.moved_debit_minor, self.debit_minor) == (self.moved_credit_minor, self.credit_minor)


def totals_of(rows: Iterable[TrialRow]) -> list[CurrencyTotals]:
    """Return the rows of a trial balance by currency, which they are sorted by."""
    return [_totals(currency, list(found)) for currency, found in groupby(rows, key=lambda row: row.currency)]


def _totals(currency: str, rows: list[TrialRow]) -> CurrencyTotals:
    return CurrencyTotals(
        currency,
        [(account_word(row.kind), row) for row in rows],
        sum(row.debit_minor for row in rows),
        sum(row.credit_minor for row in rows),
        sum(row.balance.debit_minor for row in rows),
        sum(row.balance.credit_minor for row in rows),
    )
