"""Months on the calendar: how long they are, and days moved by whole months; pure."""

from calendar import monthrange
from datetime import date


def days_in_month(day: date) -> int:
    """Return the length of the month that `day` lies in."""
    return monthrange(day.year, day.month)[1]


def add_months(day: date, months: int, anchor_day: int | None = None) -> date:
    """Move `day` by whole months to `anchor_day` (its own day if None), clamped to the end of shorter months."""
    index = day.year * 12 + day.month - 1 + months
    first = date(index // 12, index % 12 + 1, 1)
    return first.replace(day=min(anchor_day or day.day, days_in_month(first)))
