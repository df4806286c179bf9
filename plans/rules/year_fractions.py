"""Times in years of Directive 2008/48/EC Annex I, Directive (EU) 2023/2225 Annex III and FCA CONC App 1.2."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from core.months import add_months
from plans.rules.dates import anchor_day, measure_back, whole_months

YearUnit = Literal["year", "month", "week"]


def count_years(origin: date, days: Sequence[date]) -> list[Fraction]:
    """Return for each date the years from `origin` (the first drawdown); negative before it.

    A year has 12 equal months or 52 weeks (remark (c)). Whole years, months or weeks, as the schedule runs, are counted
    back from the later date; the days left over before them are parts of a year.
    """
    later = sorted({day for day in days if day > origin})
    unit, anchor = _find_unit(origin, later), anchor_day(later) if later else None
    if len(later) == 1 and whole_months(origin, later[0]):
        anchor = max(origin.day, later[0].day)
    return [year_fraction(origin, day, unit, anchor) if day > origin else -year_fraction(day, origin) for day in days]


def year_fraction(origin: date, day: date, unit: YearUnit = "month", anchor: int | None = None) -> Fraction:
    """Return the years from `origin` to `day`: whole years, months or weeks counted back from `day`, plus the odd days before them."""
    if unit == "week":
        weeks, odd_days = divmod((day - origin).days, 7)
        return Fraction(weeks, 52) + _odd_years(origin, odd_days)
    months, odd_days = measure_back(origin, day, anchor)
    if unit == "year" and odd_days:
        months -= months % 12
        odd_days = (add_months(day, -months, anchor) - origin).days
    return Fraction(months, 12) + _odd_years(origin, odd_days)


def _odd_years(origin: date, odd_days: int) -> Fraction:
    """Divide odd days by the length, 365 or 366, of the year that ends with the last of them."""
    last = date.fromordinal(origin.toordinal() + odd_days)
    return Fraction(odd_days, (last - add_months(last, -12)).days)


def _find_unit(origin: date, later: Sequence[date]) -> YearUnit:
    """Return whether payments are whole years, months or weeks apart; months if none fits."""
    pairs = list(pairwise(later)) or [(origin, day) for day in later]
    gaps = [whole_months(*pair) for pair in pairs]
    if pairs and all(gaps):
        return "year" if len(later) > 1 and not any((gap or 0) % 12 for gap in gaps) else "month"
    return "week" if pairs and all((after - before).days % 7 == 0 for before, after in pairs) else "month"
