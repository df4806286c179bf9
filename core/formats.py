"""Money, dates and numbers as people of one locale write them (Babel, CLDR), for pages and documents. Pure; `locale` is like `da_DK`."""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_compact_currency, format_decimal

from core.money import exponent, units_of, write_units

DEFAULT_LOCALE = "en_US"
_YEAR = re.compile(r",?\s*y+$")
DAY_SKELETONS = {"day": "MMMEd", "short": "MMMd", "year": "yMMMd", "full": "yMMMEd", "month": "yMMMM"}


@lru_cache(maxsize=64)
def parse_locale(name: str) -> Locale:
    """Return the Babel locale of `da_DK` or `da-DK`."""
    return Locale.parse(name.replace("-", "_"))


def money_text(minor: int, currency: str, locale: str, style: str = "exact") -> str:
    """Write an amount in minor units in local form: `$57.25`, `57,25 kr.`.

    Styles: `exact`; `trim` leaves out zero cents (`$600`); `round` shows whole units (`$48,210`); `compact` is for axes (`$3K`).
    """
    units, place = units_of(minor, currency), parse_locale(locale)
    if style == "compact":
        return format_compact_currency(units, currency, locale=place, fraction_digits=1).replace(".0", "")
    if style == "round" or (style == "trim" and units == units.to_integral_value()):
        return write_units(units.to_integral_value(), currency, str(place), 0)
    return write_units(units, currency, str(place), exponent(currency))


def percent_text(bps: int, locale: str) -> str:
    """Write basis points as a percentage without needless zeros: 1490 is `14.9%`, `14,9 %`."""
    place = parse_locale(locale)
    pattern = str(place.percent_formats[None].pattern).replace("#,##0", "#,##0.##")
    return str(format_decimal(Decimal(bps) / 10_000, format=pattern, locale=place))


def day_text(day: date, locale: str, style: str = "day") -> str:
    """Write a date.

    `day` "Sun, Dec 6", `short` "Dec 6", `long` "Sunday, December 6", `year` "Dec 6, 2026", `month` "December 2026",
    `full` "Sun, Dec 6, 2026".
    """
    place = parse_locale(locale)
    if style == "long":
        pattern = _YEAR.sub("", str(place.date_formats["full"].pattern))
        return str(format_date(day, format=pattern, locale=place))
    return str(format_skeleton(DAY_SKELETONS[style], day, locale=place))
