"""Combine payments that are too small for a charge of their own with the plan's next payment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date


def gather(payments: Sequence[tuple[int, int]], *, waiting_minor: int = 0) -> tuple[list[list[int]], list[int]]:
    """Gather a plan's payments, in order, into charges; return the indexes of each charge's payments, and of payments in no charge.

    A payment is (open amount, smallest charge of its method), in minor units. If a payment and those that wait for it are too small
    together, they all wait for the next payment, never for an earlier one. The last payment of a charge sets its day and method.
    `waiting_minor` is the amount that waits already; it goes into the first charge.
    """
    charges: list[list[int]] = []
    places: list[int] = []
    amount = waiting_minor
    for place, (open_minor, least) in enumerate(payments):
        places.append(place)
        amount += open_minor
        if amount >= least:
            charges.append(places)
            places, amount = [], 0
    return charges, places


@dataclass(frozen=True, slots=True)
class Coming:
    """A future payment: its number, the day of its charge, its open amount in minor units, and whether it already waits for a later one."""

    number: int
    day: date
    open_minor: int
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Taking:
    """One future charge: its day (that of its last payment), its amount in minor units, and the payments in it."""

    day: date
    amount_minor: int
    numbers: tuple[int, ...]


def takings_of(coming: Iterable[Coming], *, least: int) -> list[Taking]:
    """Return the charges that take a plan's future payments, by day; a payment in none of them is waived.

    `least` is the smallest charge, in minor units; payments are gathered as the due run does it.
    """
    rows = sorted(coming, key=lambda row: (row.day, row.number))
    waiting, others = [row for row in rows if row.waits], [row for row in rows if not row.waits]
    charges, _left = gather([(row.open_minor, least) for row in others], waiting_minor=sum(row.open_minor for row in waiting))
    found: list[Taking] = []
    for places in charges:
        taken = [*([] if found else waiting), *(others[place] for place in places)]
        found.append(Taking(taken[-1].day, sum(row.open_minor for row in taken), tuple(row.number for row in taken)))
    return found
