"""Money: integer minor units with a currency, never a float."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import NumberPattern, format_currency, parse_pattern

MAX_MINOR = 10**12
"""The largest amount that the product accepts from outside, in minor units."""
_DECIMALS = {
    **dict.fromkeys(["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"], 0),
    **dict.fromkeys(["XAF", "XOF", "XPF"], 0),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}
"""Currencies without two decimals: ISO 4217, list one, published on 2026-01-01 (its maintenance agency is SIX).

CLDR, which defines all other formats, has the decimals that people use in shops: none for RSD and IQD. Gateways and
banks count in the decimals of ISO 4217.
"""
_LETTER_BEFORE_DIGIT = re.compile(r"(?<=[A-Za-z])(?=\d)")


def spaced(written: str) -> str:
    """Put a space between a currency's letters and the digits after them ("DKK 57.25"), as CLDR does; "$57.25" stays."""
    return _LETTER_BEFORE_DIGIT.sub("\u00a0", written)


def exponent(currency: str) -> int:
    """Return the number of decimals of a currency by ISO 4217 (USD 2, JPY 0, IQD 3)."""
    return _DECIMALS.get(currency, 2)


def units_of(minor: int, currency: str) -> Decimal:
    """Return minor units as an exact number of whole units: 5725 of USD is 57.25."""
    return Decimal(minor).scaleb(-exponent(currency))


@lru_cache(maxsize=256)
def _pattern(locale: str, decimals: int) -> NumberPattern:
    """Return a locale's pattern for amounts of money, with the given number of decimals; CLDR's patterns have two."""
    written = str(Locale.parse(locale).currency_formats["standard"].pattern)
    return parse_pattern(written.replace("0.00", "0." + "0" * decimals if decimals else "0"))


@lru_cache(maxsize=4096)
def write_units(units: Decimal, currency: str, locale: str, decimals: int) -> str:
    """Write whole units of a currency as a locale does, with the given number of decimals; cached, since a page repeats amounts."""
    written = format_currency(units, currency, format=_pattern(locale, decimals), locale=locale, currency_digits=False)
    return spaced(str(written))


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
        """Return zero in a currency."""
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

    def text(self, locale: str = "en_US") -> str:
        """Return the amount as people of a locale write it: "$57.25", "57,25 kr.", "DKK 57.25"."""
        return write_units(units_of(self.minor, self.currency), self.currency, locale, exponent(self.currency))


def allocate_minor(total: int, parts: int, remainder: str = "last") -> list[int]:
    """Split `total` minor units into `parts` equal shares; the last or the first share also takes the difference.

    Equal shares are rounded half up (57.27 in 4 = 14.32 three times and 14.31), unless that leaves nothing for the remaining share: then
    they are rounded down. A total smaller than the number of parts gives ones and zeros: the ones are at the end for "last" and at the
    beginning for "first". Always sums to `total`; ValueError for a negative total or no parts.
    """
    if parts < 1 or total < 0:
        raise ValueError("a split needs a total of at least 0 and at least one part")
    if total < parts:
        shares = [0] * (parts - total) + [1] * total
    else:
        share = (2 * total + parts) // (2 * parts)
        if total - share * (parts - 1) < 1:
            share = total // parts
        shares = [share] * (parts - 1) + [total - share * (parts - 1)]
    assert sum(shares) == total
    return shares if remainder == "last" else shares[::-1]


def bps_of(minor: int, bps: int) -> int:
    """Return `bps` basis points of minor units, rounded half up to the minor unit."""
    return (minor * bps + 5_000) // 10_000
