"""The interest that a shop pays at its capture, so that its customer pays none, and when the lender has earned it. Pure."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from plans.rules.split import round_half_up

MONTHS, DAYS = 12, 365
Step = tuple[date, int]
"""A day, and the interest that is earned on it, in minor units."""


def steps_of(payments: Sequence[tuple[date, int]], start: date, rate_bps: int, after: date | None = None) -> list[Step]:
    """Return the interest that a shop pays for monthly payments (due date, minor units) of a capture on `start`, by the day it is earned.

    The whole is what the payments ask for, less what they are worth on `start` at the yearly rate, compounded by the month: the lender
    who pays the shop that much less earns the rate. Each step is the interest of the time since the payment before, on what is then still
    lent; the steps are rounded so that they add up to the whole, rounded half up. `after` leaves out what is earned until that day.
    """
    growth, ordered = 1 + Fraction(rate_bps, 10_000 * MONTHS), sorted(one for one in payments if after is None or one[0] > after)
    found: list[Step] = []
    exact, told, before = Fraction(0), 0, _months(start, after) if after else 0
    lent = sum((minor / growth ** (_months(start, day) - before) for day, minor in ordered), Fraction(0))
    for day, minor in ordered:
        months = _months(start, day)
        interest = lent * (growth ** (months - before) - 1)
        lent, before, exact = lent + interest - minor, months, exact + interest
        step = round_half_up(exact) - told
        told += step
        if step:
            found.append((day, step))
    return found


def _months(start: date, day: date) -> int:
    """Return how many months a due date is after the capture; a few days more or less, for a business day, count as none."""
    return round((day - start).days * MONTHS / DAYS)


def earned_by(steps: Sequence[Step], left_minor: int, taken: int, day: date) -> tuple[int, int]:
    """Return how many steps are taken by a day, and what they earn of what is left, in minor units.

    `taken` steps were taken before. What is left is shared by the steps to come as they were agreed, since a refund makes all of them
    smaller; the last one takes all of it.
    """
    earned, count = 0, taken
    while count < len(steps) and steps[count][0] <= day:
        to_come = sum(minor for _day, minor in steps[count:])
        earned += round_half_up(Fraction((left_minor - earned) * steps[count][1], to_come))
        count += 1
    return count, earned


def without(steps: Sequence[Step], cuts: Sequence[Step]) -> list[Step]:
    """Return steps to come less those of principal that goes back, by their days: in sum, on each day, as near as rounding allows."""
    less, whole = dict(cuts), sum(minor for _day, minor in steps) - sum(minor for _day, minor in cuts)
    found: list[Step] = []
    exact, told = 0, 0
    for day, minor in steps:
        exact += minor - less.get(day, 0)
        step = max(0, min(exact, whole) - told)
        told += step
        if step:
            found.append((day, step))
    return found


def given_back(left_minor: int, refunded_minor: int, captured_minor: int) -> int:
    """Return the share of the interest not earned that a refund takes, in minor units, where no payment says what it would have cost.

    `captured_minor` is what was not refunded of the capture before; of a refund of all of it, everything goes back.
    """
    return round_half_up(Fraction(left_minor * refunded_minor, captured_minor))
