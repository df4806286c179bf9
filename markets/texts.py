"""Exchange rates in words, for the back office."""

from decimal import Decimal

from core.moments import desk_locale
from core.money import exponent, write_units
from markets.models import ExchangeRate


def euro_words(rate: ExchangeRate) -> str:
    """Return the value of one euro in a rate's currency, with all decimals: "DKK 7.4731"."""
    value = Decimal(rate.per_euro_e8).scaleb(-8).normalize()
    return write_units(value, rate.currency, desk_locale(), max(exponent(rate.currency), -int(value.as_tuple().exponent)))
