"""The days since which installments are owed again because the bank took their payment back, from the versions of the schedule."""

from collections.abc import Callable, Iterable
from datetime import date, datetime

from plans.rules.endings import Version


def owed_again_since(versions: Iterable[Version], day_of: Callable[[datetime], date]) -> dict[int, date]:
    """Return the days on which the bank took payments back, by the number of the installment; the versions are oldest first.

    Only installments that had been paid in full and whose due date had passed by then: they are late since that day, not since their due
    date. `day_of` converts a moment to a date in the plan's time zone.
    """
    found: dict[int, date] = {}
    for version in versions:
        if version.kind != "reversed":
            continue
        day, before = day_of(version.at), {row["number"]: row for row in version.before}
        for row in version.after:
            was = before[row["number"]]
            if row["paid_minor"] < was["paid_minor"] == was["amount_minor"] and date.fromisoformat(row["due_date"]) < day:
                found[row["number"]] = day
    return found
