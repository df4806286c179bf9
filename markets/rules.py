"""Pure conversion between currencies."""

from collections.abc import Mapping
from decimal import Decimal

from core.money import exponent

DIGITS = Decimal(10) ** -12


def factors_to(currency: str, per_euro: Mapping[str, int]) -> dict[str, Decimal]:
    """Return the factor from each currency's minor units to those of one currency; only that currency itself if it has no rate.

    `per_euro` is the value of one euro in each currency, in the same fraction of a whole unit for all.
    """
    own = per_euro.get(currency)
    if own is None:
        return {currency: Decimal(1)}
    return {
        code: Decimal(1) if code == currency else (Decimal(own) / rate).scaleb(exponent(currency) - exponent(code)).quantize(DIGITS)
        for code, rate in per_euro.items()
    }
