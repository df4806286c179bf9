"""Pure calculations: the shares of a shop's orders that went bad, and how many times the average they are."""

from dataclasses import dataclass, fields
from typing import Self

STEADY = 20
"""A shop's shares are mixed with this many average orders, so that one bad order of three makes no shop the worst."""
FEW = 3
"""A share counts as high only from this many bad orders on."""
HIGH = 2.0
"""A share counts as high from this many times the average on."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the attempts and orders of a span.

    `attempts` are checkouts at which somebody agreed to buy, `refused` those that rules refused, `held` orders that waited for people,
    `approved` orders that were let through, at once or by people. `plans` are orders of which something was captured; `fraud` is confirmed
    by a label, `lost` and `disputed` count orders with a dispute lost or open, `late_30` and `late_90` plans with a payment overdue by at
    least that many days, `refunded` orders of which something was refunded.
    """

    attempts: int = 0
    refused: int = 0
    orders: int = 0
    held: int = 0
    approved: int = 0
    plans: int = 0
    fraud: int = 0
    lost: int = 0
    disputed: int = 0
    late_30: int = 0
    late_90: int = 0
    refunded: int = 0

    def __add__(self, other: Self) -> "Tally":
        """Return the sum of both."""
        return Tally(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(Tally)})


WHOLES = {
    "approved": "attempts",
    "held": "attempts",
    "refused": "attempts",
    "fraud": "attempts",
    "lost": "plans",
    "disputed": "plans",
    "late_30": "plans",
    "late_90": "plans",
    "refunded": "plans",
}
"""The shares, and of what each is one."""
WEIGHED = ("fraud", "lost", "late_90")
"""The shares that cost money; their mean ratio to the average is a shop's risk."""


def share_bps(tally: Tally, name: str) -> int | None:
    """Return a share in basis points; None without anything that it could be a share of."""
    whole = getattr(tally, WHOLES[name])
    return round(getattr(tally, name) * 10_000 / whole) if whole else None


def times_average(tally: Tally, average: Tally, name: str) -> float | None:
    """Return how many times the average a share is; None where nothing is known, or the average is 0."""
    whole, of_all = getattr(tally, WHOLES[name]), getattr(average, WHOLES[name])
    usual = getattr(average, name) / of_all if of_all else 0
    return (getattr(tally, name) + STEADY * usual) / (whole + STEADY) / usual if whole and usual else None


def risk_of(tally: Tally, average: Tally) -> float | None:
    """Return how many times the average the weighed shares are, as their mean, to one decimal; None if none of them is known."""
    found = [times for name in WEIGHED if (times := times_average(tally, average, name)) is not None]
    return round(sum(found) / len(found), 1) if found else None


def is_high(tally: Tally, average: Tally, name: str) -> bool:
    """Return whether a share that costs money is far above the average, by more than a few orders."""
    times = times_average(tally, average, name)
    return times is not None and times >= HIGH and getattr(tally, name) >= FEW
