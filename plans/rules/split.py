"""Exact splits of an amount in minor units."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor
from typing import Literal

Remainder = Literal["last", "first"]


def round_half_up(value: Fraction) -> int:
    """Round to the nearest whole minor unit, halves away from zero."""
    return floor(value + Fraction(1, 2)) if value >= 0 else -floor(-value + Fraction(1, 2))


def allocate_minor(total: int, parts: int, remainder: Remainder = "last") -> list[int]:
    """Split `total` minor units in `parts` equal shares; the odd share that takes the difference is the last or the first.

    Equal shares are rounded half up (57.27 in 4 = 14.32 three times and 14.31), unless that leaves nothing for the odd
    share: then they are rounded down. A total smaller than the number of parts gives ones beside zeros, ones at the end
    for "last" and at the beginning for "first". Always sums to `total`; ValueError for a negative total or no parts.
    """
    if parts < 1 or total < 0:
        raise ValueError("a split needs a total of at least 0 and at least one part")
    if total < parts:
        shares = [0] * (parts - total) + [1] * total
    else:
        share = round_half_up(Fraction(total, parts))
        if total - share * (parts - 1) < 1:
            share = total // parts
        shares = [share] * (parts - 1) + [total - share * (parts - 1)]
    assert sum(shares) == total
    return shares if remainder == "last" else shares[::-1]


def allocate_pro_rata(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` minor units in proportion to `weights`, never more than its weight to any one when total <= sum.

    Rounds the running total half up, so that shares are exact to a minor unit and sum to `total`.
    """
    whole = sum(weights)
    if total < 0 or min(weights, default=0) < 0 or (total and not whole):
        raise ValueError("a proportional split needs weights of at least 0 and a total of at least 0")
    shares, seen, given = [], 0, 0
    for weight in weights:
        seen += weight
        upto = round_half_up(Fraction(total * seen, whole)) if whole else 0
        shares.append(upto - given)
        given = upto
    assert sum(shares) == total
    return shares


def allocate_capped(total: int, caps: Sequence[int], remainder: Remainder = "last") -> list[int]:
    """Split `total` minor units equally, none above its cap; what a full one cannot take is spread over the others."""
    if total > sum(caps):
        raise ValueError("the caps together are smaller than the total")
    given = [0] * len(caps)
    while left := total - sum(given):
        free = [index for index, cap in enumerate(caps) if given[index] < cap]
        for index, share in zip(free, allocate_minor(left, len(free), remainder), strict=True):
            given[index] += min(share, caps[index] - given[index])
    return given
