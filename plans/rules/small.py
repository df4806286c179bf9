"""Combine payments that are too small to be charged alone with the next payment of the plan."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Coming:
    """A future payment: its number, the day of its charge, its open amount in minor units, and whether it waits for a later one already."""

    number: int
    day: date
    open_minor: int
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Taking:
    """One future charge: its day, its amount in minor units, and the payments in it; the day is that of the last payment."""

    day: date
    amount_minor: int
    numbers: tuple[int, ...]


def takings_of(coming: Iterable[Coming], *, least: int) -> list[Taking]:
    """Return the charges that take a plan's future payments, by day; a payment in none of them is waived.

    If a payment and those that wait for it sum to less than `least` minor units, all of them wait for the next payment, never for an
    earlier one.
    """
    found: list[Taking] = []
    rows = sorted(coming, key=lambda row: (row.day, row.number))
    waiting = [row for row in rows if row.waits]
    for row in (row for row in rows if not row.waits):
        waiting.append(row)
        amount = sum(one.open_minor for one in waiting)
        if amount >= least:
            found.append(Taking(row.day, amount, tuple(one.number for one in waiting)))
            waiting = []
    return found
