"""Relief for people in hardship: a pause, or smaller payments without further interest. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import dropwhile, islice

from plans.rules.installments import InstallmentState
from plans.rules.interest import early_quote
from plans.rules.schedule import ProductTerms, due_dates
from plans.rules.split import allocate_minor

PAUSE, SMALLER = "pause", "smaller"
MONTH, LONGER, UNKNOWN = "month", "longer", "unknown"
"""How long a person thinks that it lasts."""


@dataclass(frozen=True, slots=True)
class HardshipRules:
    """What a person may choose by themselves; a market may set others. Without days there is no pause, without payments none smaller.

    A pause is `pause_days` long. Smaller payments are `times` as many as are open, and at most `most_count`. `a_year` is how often within
    twelve months, for one purchase. An operator may offer a pause of up to `alone_days` or up to `alone_count` payments, two together up to
    `two_days` and `two_count`.
    """

    pause_days: int = 30
    times: int = 2
    most_count: int = 12
    a_year: int = 1
    alone_days: int = 60
    alone_count: int = 24
    two_days: int = 180
    two_count: int = 60


def offers_of(lasts: str, *, can_pay: bool, open_count: int, rules: HardshipRules) -> list[str]:
    """Return what is offered at once, the best first: a pause for a short time, smaller payments for who can pay some for longer."""
    found = []
    if can_pay and lasts != MONTH and count_of(open_count, rules) > open_count:
        found.append(SMALLER)
    if rules.pause_days:
        found.append(PAUSE)
    return found


def count_of(open_count: int, rules: HardshipRules) -> int:
    """Return how many smaller payments stand for the open ones."""
    return min(open_count * rules.times, rules.most_count)


def paused(dates: Mapping[int, date], days: int, today: date) -> dict[int, date]:
    """Return the new due dates, by number: late ones fall due so many days from today, the others so many days later than before."""
    return {number: max(day, today) + timedelta(days=days) for number, day in dates.items()}


@dataclass(frozen=True, slots=True)
class Smaller:
    """The new payments of a part, by date: (due date, principal, interest) in minor units, and the interest that falls away."""

    payments: tuple[tuple[date, int, int], ...]
    rebate_minor: int


def smaller(states: Sequence[InstallmentState], *, count: int, today: date, terms: ProductTerms, start: date) -> Smaller:
    """Spread the open principal of a part over so many new payments.

    The first is on the next due date to come, or one interval from today; the interest due and accrued goes to it, then interest ends.
    ValueError if no principal is open.
    """
    quote = early_quote(states, at=today, terms=terms, start=start)
    shares = allocate_minor(quote.principal_minor, min(count, quote.principal_minor), terms.remainder)
    days = _days(states, today, terms, start, len(shares))
    interest = [quote.interest_minor, *[0] * (len(shares) - 1)]
    return Smaller(tuple(zip(days, shares, interest, strict=True)), quote.rebate_minor)


def _days(states: Sequence[InstallmentState], today: date, terms: ProductTerms, start: date, count: int) -> list[date]:
    to_come = [one.due_date for one in states if one.open_minor and one.due_date > today]
    if not to_come:
        return list(islice(due_dates(replace(terms, first="later", skipped=0), today), count))
    first = min(to_come)
    # Months keep to the day of the capture, unless the person had moved the date.
    planned = list(islice(dropwhile(lambda day: day < first, due_dates(terms, start)), count))
    return planned if planned[0] == first else list(islice(due_dates(replace(terms, first="now", skipped=0), first), count))
