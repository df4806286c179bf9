"""Unit-periods of 12 CFR 1026 (Regulation Z) Appendix J (b)(3) to (b)(5): found from real dates, and counted."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from core.months import add_months
from plans.rules.dates import anchor_day, measure_back, whole_months

Kind = Literal["day", "week", "semimonth", "month"]
LENGTH_DAYS: dict[Kind, int] = {"day": 1, "week": 7, "semimonth": 15, "month": 30}
PER_YEAR: dict[Kind, int] = {"day": 365, "week": 52, "semimonth": 24, "month": 12}
YEAR_DAYS, YEAR_WEEKS, YEAR_MONTHS = 365, 52, 12
Time = tuple[int, Fraction]


@dataclass(frozen=True, slots=True, order=True)
class UnitPeriod:
    """A day, week, semimonth or month, or a multiple of one, up to a year."""

    length_days: int
    kind: Kind
    multiple: int

    @property
    def per_year(self) -> Fraction:
        """Unit-periods per year: 365 days, 52 weeks, 24 semimonths or 12 months, divided by the multiple ((b)(5)(ii)-(v))."""
        return Fraction(PER_YEAR[self.kind], self.multiple)


def unit_period(kind: Kind, multiple: int = 1) -> UnitPeriod:
    """Build a unit-period from its kind and multiple."""
    return UnitPeriod(LENGTH_DAYS[kind] * multiple, kind, multiple)


def find_unit_period(start: date, advances: Iterable[date], payments: Iterable[date]) -> UnitPeriod:
    """Return the period that occurs most often, the smaller of two that occur equally often ((b)(4)(i)).

    Periods run between advances, between payments, and from `start` (when the finance charge begins to be earned) to the
    first of each. With no period occurring twice, the average of all, rounded to the nearest standard interval. ValueError
    if nothing falls after `start`.
    """
    series = [sorted({start, *days}) for days in (set(advances), set(payments))]
    pairs = [pair for days in series for pair in pairwise(days)]
    if not pairs:
        raise ValueError("no advance or payment after the start")
    counted = Counter(name for earlier, later in pairs for name in _names(earlier, later))
    semimonths = sum(_count_semimonths(days) for days in series)
    if semimonths:
        counted[unit_period("semimonth")] += semimonths
    most = max(counted.values(), default=0)
    if most > 1:
        return min(unit for unit, times in counted.items() if times == most)
    return _nearest_standard(Fraction(sum((later - earlier).days for earlier, later in pairs), len(pairs)))


def _names(earlier: date, later: date) -> set[UnitPeriod]:
    """Return all unit-periods that an interval can count as: 28 days from 1 February are both 4 weeks and a month."""
    names, days, months = set(), (later - earlier).days, whole_months(earlier, later)
    if months:
        names.add(unit_period("month", min(months, YEAR_MONTHS)))
    if days % 7 == 0 and days <= YEAR_WEEKS * 7:
        names.add(unit_period("week", days // 7))
    elif days % 7 and days < YEAR_DAYS:
        names.add(unit_period("day", days))
    return names


def _count_semimonths(days: Sequence[date]) -> int:
    """Count neighbors about half a month apart in a series whose every other date is a month apart."""
    return sum(_is_semimonth(days, index) for index in range(len(days) - 1))


def _is_semimonth(days: Sequence[date], index: int) -> bool:
    if not 13 <= (days[index + 1] - days[index]).days <= 18:
        return False
    around = [(index, index + 2), (index - 1, index + 1)]
    return any(low >= 0 and high < len(days) and whole_months(days[low], days[high]) == 1 for low, high in around)


def _nearest_standard(days: Fraction) -> UnitPeriod:
    """Round to the nearest standard interval, the lower of two equally near ((b)(4)(i)(B), (b)(3)(iii))."""
    standard = [unit_period("day"), unit_period("semimonth")]
    standard += [unit_period("week", number) for number in range(1, YEAR_WEEKS + 1)]
    standard += [unit_period("month", number) for number in range(1, YEAR_MONTHS + 1)]
    return min(standard, key=lambda unit: (abs(days - unit.length_days), unit))


def count_unit_periods(unit: UnitPeriod, start: date, days: Sequence[date]) -> list[Time]:
    """Return for each date the full unit-periods from `start` and the remaining fraction of one ((b)(5)(ii)-(v))."""
    if not days:
        return []
    if unit.kind == "semimonth":
        return _count_half_months(start, days)
    anchor = anchor_day(days) if unit.kind == "month" else None
    return [_count(unit, start, day, anchor) for day in days]


def _count(unit: UnitPeriod, start: date, day: date, anchor: int | None) -> Time:
    if unit.kind in {"day", "week"}:
        return _divide((day - start).days, unit.length_days)
    months, odd_days = measure_back(start, day, anchor)
    if unit.multiple == YEAR_MONTHS:
        return _count_years(start, day, months, odd_days, anchor)
    return _divide(30 * months + odd_days, unit.length_days) if unit.multiple > 1 else (months, Fraction(odd_days, 30))


def _count_years(start: date, day: date, months: int, odd_days: int, anchor: int | None) -> Time:
    """Count full years back from the later date, and the rest in twelfths if it is whole months, else in days / 365 ((b)(5)(v))."""
    years, rest = divmod(months, YEAR_MONTHS)
    if not odd_days:
        return years, Fraction(rest, YEAR_MONTHS)
    return years, Fraction((add_months(day, -years * YEAR_MONTHS, anchor) - start).days, YEAR_DAYS)


def _count_half_months(start: date, days: Sequence[date]) -> list[Time]:
    """Count in 15ths of 30-day months; in a regular series only the first has odd days and the others follow one by one."""
    ordered = sorted(days)
    regular = len(ordered) > 1 and _count_semimonths(ordered) == len(ordered) - 1
    if not regular:
        return [_half_months(start, day) for day in days]
    first, fraction = _half_months(start, ordered[0])
    return [(first + ordered.index(day), fraction) for day in days]


def _half_months(start: date, day: date) -> Time:
    months, odd_days = measure_back(start, day)
    return _divide(30 * months + odd_days, 15)


def _divide(days: int, length: int) -> Time:
    whole, rest = divmod(days, length)
    return whole, Fraction(rest, length)


def count_single_payment(start: date, day: date, *, by_days: bool = False) -> tuple[Fraction, Time]:
    """Return unit-periods per year, and the time of the single payment of a single advance ((b)(4)(ii), (b)(5)(v)-(vii)).

    The unit-period is the term, at most a year. A term of whole months counts as twelfths of a year; the law also allows days / 365
    (`by_days`). Any other term counts as days / 365.
    """
    months, days = whole_months(start, day), (day - start).days
    if days < 1:
        return Fraction(1), (0, Fraction(0))
    if months and months < YEAR_MONTHS and not by_days:
        return Fraction(YEAR_MONTHS, months), (1, Fraction(0))
    if day < add_months(start, YEAR_MONTHS):
        return Fraction(YEAR_DAYS, days), (1, Fraction(0))
    year = unit_period("month", YEAR_MONTHS)
    return year.per_year, _count(year, start, day, max(start.day, day.day) if months else None)
