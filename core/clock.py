"""The clock. Doors read it and pass the time to services and rules (`at`).

In a sandbox the clock can be moved forward. Its offset is stored in the database; every process sees a new offset at most `CACHE_S` seconds
late, and the process that moves the clock waits that long. Leases and back-offs for outside services use wall time, which cannot be moved.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings

from core.remembered import Remembered

CACHE_S = 0.2


def _read_offset() -> timedelta:
    from core.models import ClockOffset

    return ClockOffset.current()


_offset = Remembered(_read_offset, seconds=CACHE_S)


def wall() -> datetime:
    """Return the real time, for leases and back-offs only."""
    return datetime.now(UTC)


def offset() -> timedelta:
    """Return how far the sandbox's clock is ahead of the wall clock (zero in live mode)."""
    return _offset() if settings.SANDBOX else timedelta()


def forget() -> None:
    """Drop the offset that this process has cached."""
    _offset.forget()


def now() -> datetime:
    """Return the product's time, aware, in UTC."""
    return wall() + offset()


def day_begins(day: date, zone: str) -> datetime:
    """Return the moment at which a calendar date begins in a time zone."""
    return datetime.combine(day, datetime.min.time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)


@lru_cache(maxsize=256)
def local_date(at: datetime, zone: str) -> date:
    """Return the calendar date of a moment in a time zone."""
    return at.astimezone(ZoneInfo(zone)).date()
