"""By how much the shares of two groups differ, and within what bounds chance leaves that. Pure: knows neither Django nor the clock."""

import math
from dataclasses import dataclass

Z = 1.959964
"""The bounds of 95 % of a normal distribution."""
LEAST = 30
"""With fewer people in a group nothing is said."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The share of one group less that of another, and the bounds of its 95 % interval, in basis points."""

    bps: int
    low_bps: int
    high_bps: int


def difference_of(paid: int, people: int, other_paid: int, other_people: int) -> Difference | None:
    """Return how two shares differ, by Newcombe's interval (Statistics in Medicine 17, 1998, method 10); None with too few people."""
    if min(people, other_people) < LEAST:
        return None
    one, other = paid / people, other_paid / other_people
    low, high = _wilson(one, people)
    other_low, other_high = _wilson(other, other_people)
    apart = one - other
    below = math.hypot(one - low, other_high - other)
    above = math.hypot(high - one, other - other_low)
    return Difference(round(apart * 10_000), round((apart - below) * 10_000), round((apart + above) * 10_000))


def _wilson(share: float, people: int) -> tuple[float, float]:
    """Return the bounds of Wilson's 95 % interval of a share."""
    middle = share + Z * Z / (2 * people)
    spread = Z * math.sqrt(share * (1 - share) / people + Z * Z / (4 * people * people))
    whole = 1 + Z * Z / people
    return (middle - spread) / whole, (middle + spread) / whole
