"""Due dates on the days on which a person is paid: every week, every two weeks or every month. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from plans.rules.moving import first_of, on_day
from plans.rules.schedule import ProductTerms

WEEKLY, FORTNIGHTLY, MONTHLY = "weekly", "fortnightly", "monthly"
RHYTHMS = (WEEKLY, FORTNIGHTLY, MONTHLY)
_DAYS = {WEEKLY: 7, FORTNIGHTLY: 14}
SOON_DAYS = 31
"""A person names their next pay-day: today or within so many days."""


@dataclass(frozen=True, slots=True)
class PaydayRules:
    """The bounds of putting a purchase's dates on pay-days; a market may set others.

    No date moves by more than `most_days`, and none at all where that is 0. `a_year` is how often within twelve months, for one purchase.
    """

    most_days: int = 30
    a_year: int = 1


def on_paydays(dates: Sequence[date], payday: date, rhythm: str, terms: ProductTerms) -> list[date]:
    """Return, for each date, the first pay-day on or after it; `payday` is one of them. In shorter months the last day stands for it.

    A pay-day that is no business day of the product's `terms` moves as its due dates do.
    """
    if rhythm == MONTHLY:
        return on_day(dates, payday.day, terms)
    days = _DAYS[rhythm]
    return [first_of([one + timedelta(days=(payday - one).days % days - days * ago) for ago in (1, 0)], one, terms) for one in dates]


def paydays_refused(dates: Sequence[date], moved: Sequence[date], rules: PaydayRules, *, had: int) -> str:
    """Return why the dates of a part cannot be put on pay-days (`payday_used`, `payday_far` ...), or an empty text.

    `had` is how often it was done in the last twelve months. Two payments on one day would be one of twice the amount.
    """
    faults = {
        "payday_never": not rules.most_days,
        "payday_used": had >= rules.a_year,
        "payday_far": any(to - one > timedelta(days=rules.most_days) for one, to in zip(dates, moved, strict=True)),
        "payday_together": len(set(moved)) < len(moved),
        "payday_same": list(dates) == list(moved),
    }
    return next((name for name, holds in faults.items() if holds), "")
