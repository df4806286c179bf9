"""When people may be contacted: within hours by the clock of their place, and not on quiet days. Pure."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def _never(_day: date) -> bool:
    return False


def after_quiet_hours(at: datetime, zone: str, hours: tuple[time, time], is_quiet: Callable[[date], bool] = _never) -> datetime:
    """Return the given time if it is within the hours of a day there that is not quiet, otherwise when they begin there next."""
    begin, end = hours
    place = ZoneInfo(zone)
    local = at.astimezone(place)
    day = local.date()
    if begin <= local.time() < end and not is_quiet(day):
        return at
    day += timedelta(days=local.time() >= end or is_quiet(day))
    while is_quiet(day):
        day += timedelta(days=1)
    return datetime.combine(day, begin, place).astimezone(at.tzinfo)
