"""Money: integer minor units with a currency, never a float."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from babel.numbers import format_currency, get_currency_precision

MAX_MINOR = 10**12
"""The largest amount that the product accepts from outside, in minor units."""


@cache
def exponent(currency: str) -> int:
    """Return the number of decimals of a currency (USD 2, JPY 0), as ISO 4217 has it."""
    return get_currency_precision(currency)


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in minor units of one currency; arithmetic refuses to mix currencies."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are an int, not {type(self.minor).__name__}")
        if len(self.currency) != 3:
            raise ValueError(f"not a currency code: {self.currency!r}")

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Return nothing, in a currency."""
        return cls(0, currency)

    def _same(self, other: Money) -> int:
        if self.currency != other.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")
        return other.minor

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def allocate(self, parts: int, remainder: str = "last") -> list[Money]:
        """Split into equal parts that add up again; see `allocate_minor`."""
        return [Money(minor, self.currency) for minor in allocate_minor(self.minor, parts, remainder)]

    def share(self, weights: Sequence[int]) -> list[Money]:
        """Split in proportion to whole weights, by largest remainder; the parts add up again."""
        return [Money(minor, self.currency) for minor in share_minor(self.minor, weights)]

    def text(self, locale: str = "en_US") -> str:
        """Return the amount as people of a locale write it: "$57.25", "57,25 kr."."""
        return format_currency(self.minor / 10 ** exponent(self.currency), self.currency, locale=locale)


def allocate_minor(total: int, parts: int, remainder: str = "last") -> list[int]:
    """Split minor units into equal parts; what is left over changes only the `last` or the `first` part.

    The equal part is rounded up as long as the odd part stays positive (57.27 in 4 is 14.32, 14.32, 14.32, 14.31),
    else down. Asserts that the parts add up.
    """
    if parts < 1 or total < 0:
        raise ValueError("allocate needs at least one part and no negative amount")
    equal = -(-total // parts)
    if total - equal * (parts - 1) < min(1, total):
        equal = total // parts
    odd = total - equal * (parts - 1)
    split = [odd, *[equal] * (parts - 1)] if remainder == "first" else [*[equal] * (parts - 1), odd]
    assert sum(split) == total
    return split


def share_minor(total: int, weights: Sequence[int]) -> list[int]:
    """Split minor units in proportion to whole weights by largest remainder; ties go to the earlier part."""
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights must not be negative and must not all be zero")
    shares = [total * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in order[: total - sum(shares)]:
        shares[i] += 1
    assert sum(shares) == total
    return shares


def bps_of(minor: int, bps: int) -> int:
    """Return `bps` basis points of minor units, rounded half up to the minor unit."""
    return (minor * bps + 5_000) // 10_000
