"""What one currency is worth in another; pure."""

from collections.abc import Mapping
from decimal import Decimal

from core.money import exponent

DIGITS = Decimal(10) ** -12


def factors_to(currency: str, per_euro: Mapping[str, int]) -> dict[str, Decimal]:
    """Return by which number minor units of each currency become minor units of one; only the one itself where it has no rate.

    `per_euro` has what one euro is worth in each, in any one part of their whole units.
    """
    own = per_euro.get(currency)
    if own is None:
        return {currency: Decimal(1)}
    return {
        code: Decimal(1) if code == currency else (Decimal(own) / rate).scaleb(exponent(currency) - exponent(code)).quantize(DIGITS)
        for code, rate in per_euro.items()
    }
