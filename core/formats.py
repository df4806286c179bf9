"""Money, dates and numbers as people of one locale write them (Babel, CLDR), for pages and documents. Pure; `locale` is like `da_DK`."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, format_timedelta, get_timezone_location
from babel.numbers import format_compact_currency, format_decimal
from django.utils.translation import get_language, gettext

from core.money import exponent, units_of, write_units

DEFAULT_LOCALE = "en_US"
_YEAR = re.compile(r",?\s*y+$")
_UNSHORTENED = re.compile(r"\d{4}")
DAY_SKELETONS = {"day": "MMMEd", "short": "MMMd", "year": "yMMMd", "full": "yMMMEd", "month": "yMMMM"}


@lru_cache(maxsize=64)
def parse_locale(name: str) -> Locale:
    """Return the Babel locale of a name such as `da_DK` or `da-DK`."""
    return Locale.parse(name.replace("-", "_"))


def money_text(minor: int, currency: str, locale: str, style: str = "exact") -> str:
    """Write an amount in minor units in local form: `$57.25`, `57,25 kr.`.

    Styles: `exact`; `trim` leaves out zero cents (`$600`); `round` shows whole units (`$48,210`); `compact` is for axes (`$3K`).
    """
    units, place = units_of(minor, currency), parse_locale(locale)
    if style == "compact":
        short = format_compact_currency(units, currency, locale=place, fraction_digits=1).replace(".0", "")
        return write_units(units.to_integral_value(), currency, str(place), 0) if _UNSHORTENED.search(short) else short
    if style == "round" or (style == "trim" and units == units.to_integral_value()):
        return write_units(units.to_integral_value(), currency, str(place), 0)
    return write_units(units, currency, str(place), exponent(currency))


def country_name(code: str) -> str:
    """Return the name of a country in the current language: "Denmark", "Danmark"; empty for an unknown code."""
    return str(parse_locale(get_language() or DEFAULT_LOCALE).territories.get(code, ""))


def percent_text(bps: int, locale: str) -> str:
    """Write basis points as a percentage without needless zeros: 1490 is `14.9%`, `14,9 %`."""
    place = parse_locale(locale)
    pattern = str(place.percent_formats[None].pattern).replace("#,##0", "#,##0.##")
    return str(format_decimal(Decimal(bps) / 10_000, format=pattern, locale=place))


def number_text(value: int | Decimal, locale: str) -> str:
    """Write a number with its thousands separators: `12,345`, `8.9`."""
    return str(format_decimal(value, locale=parse_locale(locale)))


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


def moment_text(at: datetime, locale: str) -> str:
    """Write a date with its time: "Dec 6, 2026, 10:42 AM"."""
    return f"{day_text(at.date(), locale, 'year')}, {time_text(at, locale)}"


def time_text(at: datetime, locale: str) -> str:
    """Write the time of day of a moment, in the moment's own time zone: "10:42 AM"."""
    return str(format_time(at, format="short", tzinfo=at.tzinfo or UTC, locale=parse_locale(locale)))


def clock_time_text(at: datetime, locale: str) -> str:
    """Write the time of day of a moment by a clock of 24 hours, in the moment's own time zone: "10:42", in Danish "10.42"."""
    between = parse_locale(locale).number_symbols["latn"]["timeSeparator"]
    return f"{at:%H}{between}{at:%M}"


def clock_text(at: datetime) -> str:
    """Name the time zone of a moment, by its letters or its offset from UTC: "EST", "CET", "UTC-03"."""
    name = at.tzname() or "UTC"
    return name if name.isalpha() else f"UTC{name}"


def city_text(zone: str, locale: str) -> str:
    """Name the city of a time zone: "New York", "Kopenhagen"."""
    return str(get_timezone_location(zone, locale=parse_locale(locale), return_city=True))


def relative_day_text(day: date, today: date, locale: str) -> str:
    """Write a day as seen from today: "today", "tomorrow", "in 5 days", "3 weeks ago"."""
    near = {0: gettext("today"), 1: gettext("tomorrow"), -1: gettext("yesterday")}
    days = (day - today).days
    if days in near:
        return near[days]
    return str(format_timedelta(timedelta(days=days), granularity="day", threshold=2, add_direction=True, locale=parse_locale(locale)))


def relative_time_text(at: datetime, now: datetime, locale: str) -> str:
    """Write a moment as seen from now: "5 minutes ago", "in 2 hours"; under a minute "just now"."""
    if abs(at - now) < timedelta(minutes=1):
        return gettext("just now")
    return str(format_timedelta(at - now, granularity="minute", add_direction=True, locale=parse_locale(locale)))
