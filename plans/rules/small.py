"""With which payment each is really taken, where some are too small to be charged by themselves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Coming:
    """A payment to come: its number, the day on which it is tried, what is open of it in minor units, and whether it waits already."""

    number: int
    day: date
    open_minor: int
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Taking:
    """One charge to come: its day, what it takes in minor units, and which payments; the last of them is charged on its own day."""

    day: date
    amount_minor: int
    numbers: tuple[int, ...]


def takings_of(coming: Iterable[Coming], *, least: int) -> list[Taking]:
    """Return the charges by which a plan's payments to come are taken, by day; what is in none of them is waived.

    A payment that makes less than `least` minor units, with what waits, waits for the next one; nothing waits for one before it.
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
