"""Exact splits of an amount in minor units."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from core.money import allocate_minor

__all__ = ["Remainder", "allocate_capped", "allocate_minor", "allocate_pro_rata", "round_half_up", "times_half_up"]

Remainder = Literal["last", "first"]


def round_half_up(value: Fraction) -> int:
    """Round to the nearest whole minor unit, halves away from zero."""
    whole, part = value.numerator, value.denominator
    return (2 * whole + part) // (2 * part) if whole >= 0 else -((part - 2 * whole) // (2 * part))


def times_half_up(minor: int, rate: Fraction) -> int:
    """Return `round_half_up(minor * rate)` of a positive rate, without making that fraction."""
    return (2 * minor * rate.numerator + rate.denominator) // (2 * rate.denominator)


def allocate_pro_rata(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` minor units in proportion to `weights`; if total <= sum(weights), no share exceeds its weight.

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
    """Split `total` minor units equally, no share above its cap; the excess of a full share is spread over the others."""
    if total > sum(caps):
        raise ValueError("the caps together are smaller than the total")
    given = [0] * len(caps)
    while left := total - sum(given):
        free = [index for index, cap in enumerate(caps) if given[index] < cap]
        for index, share in zip(free, allocate_minor(left, len(free), remainder), strict=True):
            given[index] += min(share, caps[index] - given[index])
    return given
