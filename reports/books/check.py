"""A check of the books, and the comparison of two ordered records of the same money."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

SHOWN = 10
Sums = Iterator[tuple[str, str, int]]
"""Owners (public ids, in the order of their keys) with a currency and an amount in minor units."""
_DIGITS = str.maketrans("abcdefghijklmnopqrstuvwxyz234567", "0123456789abcdefghijklmnopqrstuv")


@dataclass(slots=True)
class Check:
    """One check: the number of objects examined, its totals, the number of wrong objects, and the first ten of them."""

    name: str
    examined: int = 0
    figures: str = ""
    wrong: int = 0
    offenders: list[str] = field(default_factory=list)

    def blame(self, offenders: Iterable[str]) -> None:
        """Count offenders and keep the first ten."""
        found = iter(offenders)
        first = list(islice(found, SHOWN))
        self.offenders += first
        self.wrong += len(first) + sum(1 for _ in found)


class Totals:
    """Sums by currency, added up while amounts are read."""

    def __init__(self) -> None:
        self.count = 0
        self.by_currency: dict[str, int] = {}

    def add(self, currency: str, minor: int) -> None:
        """Count one amount."""
        self.count += 1
        self.by_currency[currency] = self.by_currency.get(currency, 0) + minor

    def text(self) -> str:
        """Return the sums: "DKK 100, USD 5725"."""
        return ", ".join(f"{currency} {minor}" for currency, minor in sorted(self.by_currency.items())) or "nothing"


def _place(row: tuple[str, str, Any]) -> tuple[str, str]:
    return row[0].translate(_DIGITS), row[1]


def beside(left: Sums, right: Sums) -> Iterator[tuple[str, str, int, int]]:
    """Yield (owner, currency, amount there, amount here) of two records in the same order; a missing amount is 0."""
    there, here = next(left, None), next(right, None)
    while there is not None or here is not None:
        first = there is not None and (here is None or _place(there) <= _place(here))
        owner, currency = (there or here)[:2] if first else here[:2]  # type: ignore[index]
        one = two = 0
        if there is not None and (there[0], there[1]) == (owner, currency):
            one, there = there[2], next(left, None)
        if here is not None and (here[0], here[1]) == (owner, currency):
            two, here = here[2], next(right, None)
        yield owner, currency, one, two


def compare(check: Check, ledger: Sums, records: Sums, what: str) -> None:
    """Compare the ledger with other records, count the objects examined, and blame those that differ."""
    totals = Totals()

    def differing() -> Iterator[str]:
        for owner, currency, there, here in beside(ledger, records):
            totals.add(currency, here)
            if there != here:
                yield f"{what} {owner}: ledger {there} {currency}, records {here} {currency}, off by {there - here}"

    check.blame(differing())
    check.examined, check.figures = totals.count, totals.text()
