"""The real dates behind a worked APR case: its interval in words, its streams, its first payment."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from core.months import add_months
from plans.rules.unit_periods import LENGTH_DAYS, PER_YEAR, Kind

NUMBER_WORDS = {"two": 2, "second": 2, "other": 2, "three": 3, "third": 3, "four": 4, "six": 6, "twelve": 12}
COUNT = r"(\d+|" + "|".join(NUMBER_WORDS) + r")\s*-?\s*"
NAMED: tuple[tuple[str, Kind, int], ...] = (
    (r"single|one payment|lump sum", "day", 1),
    (r"semi-?\s?month|twice a month|half-?\s?month", "semimonth", 1),
    (r"bi-?weekly|fortnight", "week", 2),
    (r"bi-?monthly", "month", 2),
    (r"quarter", "month", 3),
    (r"semi-?\s?annual|half-?\s?year|bi-?annual", "month", 6),
    (r"annual|yearly", "month", 12),
    (r"monthly", "month", 1),
    (r"weekly", "week", 1),
    (r"daily", "day", 1),
)
UNITS: dict[str, tuple[Kind, int]] = {"day": ("day", 1), "week": ("week", 1), "month": ("month", 1), "year": ("month", 12)}
Placed = tuple[date, Fraction]


def number(value: object, default: int = 0) -> Fraction:
    """Read an int, decimal text or fraction text; a long decimal is taken for the fraction that it abbreviates."""
    if value is None or value == "":
        return Fraction(default)
    text = re.sub(r"[\s_]|,(?=\d{3}\b)", "", str(value)).replace(",", ".")
    exact = Fraction(text)
    places = len(text.lower().partition("e")[0].partition(".")[2])
    if places < 8:
        return exact
    simple = exact.limit_denominator(20_000)
    return simple if abs(simple - exact) <= Fraction(1, 10 ** (places - 1)) else exact


@dataclass(frozen=True, slots=True)
class CaseStream:
    """Equal amounts, `step` apart; times in unit-periods (US, with a `fraction` of one) or years."""

    amount: Fraction
    count: int
    first: Fraction
    fraction: Fraction
    step: Fraction


@dataclass(frozen=True, slots=True)
class Interval:
    """How a schedule runs in the calendar."""

    kind: Kind
    multiple: int = 1
    month_days: tuple[int, int] | None = None
    month_end: bool = False

    @property
    def per_year(self) -> Fraction:
        return Fraction(PER_YEAR[self.kind], self.multiple)

    def after(self, first: date, steps: int) -> date:
        """Return the date `steps` intervals after `first` (before it if negative)."""
        if self.kind in {"day", "week"}:
            return first + timedelta(days=LENGTH_DAYS[self.kind] * self.multiple * steps)
        if self.kind == "semimonth":
            return self._half_months(first, steps)
        return add_months(first, steps * self.multiple, 31 if self.month_end else None)

    def _half_months(self, first: date, steps: int) -> date:
        early, late = self.month_days or (first.day - 15 * (first.day > 15), first.day + 15 * (first.day <= 15))
        position = steps + (first.day > 15)
        return add_months(first, position // 2, late if position % 2 else early)


def parse_interval(text: str, per_year: Fraction | None = None) -> Interval | None:
    """Read an interval in words ("monthly, odd first payment", "every 2 weeks"); fall back to the unit-periods a year."""
    words = text.lower()
    found = _counted(r"\b(?:every|each)\s+" + COUNT, words) or _counted(r"\b" + COUNT, words, "ly") or _named(words)
    if found == ("month", 2) and per_year == PER_YEAR["semimonth"]:
        found = ("semimonth", 1)
    found = found or _counted(r"\b" + COUNT, words) or _noun(words) or _from_per_year(per_year)
    if found is None:
        return None
    ends = bool(re.search(r"last day|month-?\s?end|end of (the |each )?month", words))
    return Interval(*found, month_days=_parse_month_days(words) if found[0] == "semimonth" else None, month_end=ends)


def _counted(before: str, words: str, after: str = "") -> tuple[Kind, int] | None:
    match = re.search(before + r"(day|week|month|year)" + (after or r"s?\b"), words)
    if not match:
        return None
    kind, multiple = UNITS[match[2]]
    return kind, multiple * (int(match[1]) if match[1].isdigit() else NUMBER_WORDS[match[1]])


def _named(words: str) -> tuple[Kind, int] | None:
    return next(((kind, multiple) for pattern, kind, multiple in NAMED if re.search(pattern, words)), None)


def _noun(words: str) -> tuple[Kind, int] | None:
    return next((unit for noun, unit in UNITS.items() if re.search(rf"\b{noun}s?\b", words)), None)


def _from_per_year(per_year: Fraction | None) -> tuple[Kind, int] | None:
    kinds: tuple[Kind, ...] = ("month", "semimonth", "week", "day")
    for kind in kinds if per_year else ():
        multiple = Fraction(PER_YEAR[kind]) / (per_year or Fraction(1))
        if multiple.denominator == 1:
            return kind, int(multiple)
    return None


def _parse_month_days(words: str) -> tuple[int, int] | None:
    days = [int(day) for day in re.findall(r"\b(\d{1,2})(?:st|nd|rd|th)\b", words)]
    if "last" in words or "end" in words:
        days.append(31)
    return (min(days), max(days)) if len(days) == 2 else None


def case_schedule(
    given: Mapping[str, Any], advances: Sequence[CaseStream], streams: Sequence[CaseStream], per_year: Fraction | None
) -> tuple[list[Placed], list[Placed]] | None:
    """Return dated advances and payments, amounts as in the case; None if `given` lacks what is needed to date them all."""
    drawn, first = _read_date(given, "advance", "advance_date", "start"), _read_date(given, "first_payment", "payment", "due")
    interval = parse_interval(str(given.get("interval") or ""), per_year or _per_year_of(streams))
    payments = _listed(given.get("payments") or given.get("payment_dates"), streams)
    if drawn is None or interval is None or (first is None and payments is None):
        return None
    calendar = _Calendar(drawn, interval, years=per_year is None)
    placed = _listed(given.get("advances") or given.get("advance_dates"), advances) or calendar.place_all(advances)
    if payments is None and first is not None:
        payments = calendar.place_from(first, _main_stream(given, streams), streams)
    return (placed, payments) if placed is not None and payments is not None else None


def _per_year_of(streams: Sequence[CaseStream]) -> Fraction | None:
    return next((1 / stream.step for stream in streams if stream.count > 1), None)


def _read_date(given: Mapping[str, Any], *names: str) -> date | None:
    text = next((given[name] for name in names if isinstance(given.get(name), str)), None)
    return date.fromisoformat(text[:10]) if text else None


def _listed(days: object, streams: Sequence[CaseStream]) -> list[Placed] | None:
    """Pair a plain list of dates with the amounts in order of time, if there is a date for every amount."""
    flows = [(s.first + s.fraction + index * s.step, s.amount) for s in streams for index in range(s.count)]
    if not isinstance(days, list) or len(days) != len(flows) or not all(isinstance(day, str) for day in days):
        return None
    ordered = [amount for _, amount in sorted(flows, key=lambda flow: flow[0])]
    return [(date.fromisoformat(day[:10]), amount) for day, amount in zip(sorted(days), ordered, strict=True)]


def _main_stream(given: Mapping[str, Any], streams: Sequence[CaseStream]) -> CaseStream:
    """Return the stream whose first payment is dated: the one named by amount, else the first that is not due at once."""
    if given.get("amount") is not None:
        named = [stream for stream in streams if stream.amount == number(given["amount"])]
        if named:
            return named[0]
    return next((stream for stream in streams if stream.first + stream.fraction > 0), streams[0])


@dataclass(frozen=True, slots=True)
class _Calendar:
    """Turns times of a case back into dates, counted from its advance."""

    start: date
    interval: Interval
    years: bool

    def place_all(self, streams: Sequence[CaseStream]) -> list[Placed] | None:
        placed = []
        for stream in streams:
            for index in range(stream.count):
                day = self._at(stream.first + index * stream.step, stream.fraction)
                if day is None:
                    return None
                placed.append((day, stream.amount))
        return placed

    def place_from(self, first: date, main: CaseStream, streams: Sequence[CaseStream]) -> list[Placed] | None:
        """Date all payments: by intervals from `first` if they are whole intervals from the main stream, otherwise by their time."""
        placed: list[Placed] = []
        per_step = self.interval.per_year if self.years else Fraction(1)
        for stream in streams:
            steps = [(stream.first + index * stream.step - main.first) * per_step for index in range(stream.count)]
            if stream.fraction == main.fraction and all(step.denominator == 1 for step in steps):
                placed += [(self.interval.after(first, int(step)), stream.amount) for step in steps]
            elif (others := self.place_all([stream])) is not None:
                placed += others
            else:
                return None
        return placed

    def _at(self, time: Fraction, fraction: Fraction) -> date | None:
        return self._at_years(time) if self.years else self._at_periods(time, fraction)

    def _at_years(self, time: Fraction) -> date | None:
        for per_year, kind in ((12, "month"), (365, "day"), (52, "week")):
            if (time * per_year).denominator == 1:
                steps = int(time * per_year)
                return (
                    add_months(self.start, steps) if kind == "month" else self.start + timedelta(days=steps * (7 if kind == "week" else 1))
                )
        return None

    def _at_periods(self, time: Fraction, fraction: Fraction) -> date:
        """Reverse the measurement of Appendix J (b)(5): odd days forward from the start, then whole periods."""
        kind, multiple = self.interval.kind, self.interval.multiple
        if kind in {"day", "week"}:
            return self.start + timedelta(days=round((time + fraction) * LENGTH_DAYS[kind] * multiple))
        if kind == "month" and multiple == 12:
            if (fraction * 12).denominator == 1:
                return add_months(self.start, int((time + fraction) * 12))
            return add_months(self.start + timedelta(days=round(fraction * 365)), int(time) * 12)
        days = round((time + fraction) * LENGTH_DAYS[kind] * multiple)
        return add_months(self.start + timedelta(days=days % 30), days // 30)
