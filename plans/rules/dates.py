"""Months between dates, with month ends as the laws count them."""

from collections.abc import Iterable
from datetime import date

from core.months import add_months, days_in_month


def whole_months(earlier: date, later: date) -> int | None:
    """Return the number of months if the two dates are whole months apart, else None.

    The last day of a shorter month stands for the 29th, 30th or 31st: 12 CFR 1026 Appendix J (b)(3)(iv).
    """
    anchor = max(earlier.day, later.day)
    if any(day.day != min(anchor, days_in_month(day)) for day in (earlier, later)):
        return None
    return (later.year - earlier.year) * 12 + later.month - earlier.month


def anchor_day(days: Iterable[date]) -> int | None:
    """Return the day of the month on which all dates of a series fall (31 for month ends), or None if they do not share one."""
    dates = list(days)
    anchor = max(day.day for day in dates)
    return anchor if all(day.day == min(anchor, days_in_month(day)) for day in dates) else None


def measure_back(start: date, end: date, anchor: int | None = None) -> tuple[int, int]:
    """Count the full months measured back from `end` without passing `start`, and the days left from `start`."""
    months = (end.year - start.year) * 12 + end.month - start.month
    while add_months(end, -months, anchor) < start:
        months -= 1
    return months, (add_months(end, -months, anchor) - start).days
