"""Whether a person may move one due date, and where a plan's dates go with another day of the month. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.months import add_months
from plans.rules.schedule import ProductTerms, falls_on, period_days


@dataclass(frozen=True, slots=True)
class MoveRules:
    """The bounds of moving a due date by oneself; a market may set others. No date can be moved where `most_days` is 0."""

    most_days: int = 7
    an_order: int = 1
    a_year: int = 3
    account_days: int = 42


@dataclass(frozen=True, slots=True)
class Move:
    """A wish: the installment's due date, its place among those of its part (1 is the first) of how many, and its new date."""

    due_date: date
    place: int
    of: int
    to: date


@dataclass(frozen=True, slots=True)
class Past:
    """What counts against it.

    Moves of this order, moves of the person after the same date a year ago, the day the account was opened, and whether the purchase had
    relief for hardship.
    """

    of_order: int
    of_year: int
    since: date
    in_hardship: bool = False


def move_refused(move: Move, past: Past, rules: MoveRules, today: date) -> str:
    """Return why a date cannot be moved on a day (`first`, `last`, `overdue` ...), or an empty text."""
    faults = {
        "first": move.place == 1,
        "last": move.place == move.of,
        "overdue": move.due_date < today,
        "too_late": move.due_date - today < timedelta(days=2),
        "too_far": not timedelta(0) < move.to - move.due_date <= timedelta(days=rules.most_days),
        "used": past.of_order >= rules.an_order,
        "three_a_year": past.of_year >= rules.a_year,
        "in_hardship": past.in_hardship,
        "new_account": today < past.since + timedelta(days=rules.account_days),
    }
    return next((name for name, holds in faults.items() if holds), "")


def year_before(day: date) -> date:
    """Return the same date a year ago, clamped to the month's end."""
    return add_months(day, -12)


def on_day(dates: Sequence[date], day: int, terms: ProductTerms) -> list[date]:
    """Return, for each date, the first such day of a month on or after it; in shorter months the last day stands for it.

    Each keeps to the business days of the product's `terms`: a date that they moved there from such a day stays.
    """
    return [first_of([_clamped(add_months(one.replace(day=1), months), day) for months in (0, 1)], one, terms) for one in dates]


def postponed(dates: Sequence[date], start: date, terms: ProductTerms) -> list[date]:
    """Return, for each date, the next one; the last goes one interval further, in a month on the day that the capture on `start` had.

    Payments of one day, such as those that waited together, stay together.
    """
    days = sorted(set(dates))
    last = days[-1]
    if terms.interval == "monthly":
        further = add_months(last, 1)
        if add_months(start, 1).day < start.day or (last + timedelta(days=1)).day == 1:
            further = _clamped(further.replace(day=1), max(start.day, last.day))
    else:
        further = last + timedelta(days=period_days(terms))
    following = dict(zip(days, [*days[1:], falls_on(further, terms, last)], strict=True))
    return [following[one] for one in dates]


def first_of(wanted: Sequence[date], earliest: date, terms: ProductTerms) -> date:
    """Return where the first of some days falls that is, or falls by the product's business days, on or after `earliest`."""
    return next(falls_on(day, terms, earliest) for day in wanted if max(day, falls_on(day, terms, day)) >= earliest)


def _clamped(month: date, day: int) -> date:
    last = add_months(month, 1) - timedelta(days=1)
    return month.replace(day=min(day, last.day))
