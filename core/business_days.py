"""Business days of a country, and how a date that is none of them moves; pure."""

from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

DayRule = Literal["as_is", "next", "previous", "modified"]
AS_IS, NEXT, PREVIOUS, MODIFIED = "as_is", "next", "previous", "modified"
"""A due date stays; moves to the next business day; to the one before; or to the next one within its month ("modified following")."""
_PLACES = {"GB": "ENG"}
"""The part of a country whose holidays count, where they differ inside it: bank holidays of England."""
_SATURDAY = 5


@lru_cache(maxsize=200)
def _holidays(country: str, year: int) -> frozenset[date]:
    import holidays

    return frozenset(holidays.country_holidays(country, subdiv=_PLACES.get(country), years=year))


def is_business_day(day: date, country: str) -> bool:
    """Return whether a day is no Saturday, no Sunday and no national holiday of a country (its two letters)."""
    return day.weekday() < _SATURDAY and day not in _holidays(country, day.year)


def is_holiday(day: date, country: str) -> bool:
    """Return whether a day is a national holiday of a country (its two letters)."""
    return day in _holidays(country, day.year)


def on_business_day(day: date, rule: DayRule, country: str) -> date:
    """Return the day on which something due on `day` falls by a rule."""
    if rule == AS_IS or is_business_day(day, country):
        return day
    if rule == PREVIOUS:
        return _nearest(day, -1, country)
    after = _nearest(day, 1, country)
    return _nearest(day, -1, country) if rule == MODIFIED and after.month != day.month else after


def _nearest(day: date, step: int, country: str) -> date:
    while not is_business_day(day, country):
        day += timedelta(days=step)
    return day
