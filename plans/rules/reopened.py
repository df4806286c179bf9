"""Since when a payment is owed again, because the bank took it back after its date; found from the versions of the schedule."""

from collections.abc import Callable, Iterable
from datetime import date, datetime

from plans.rules.endings import Version


def owed_again_since(versions: Iterable[Version], day_of: Callable[[datetime], date]) -> dict[int, date]:
    """Return the days since which payments are owed again, by number; the versions are oldest first.

    Only payments that were paid in full, and whose date had passed when the bank took them back: before that day nothing of them was late.
    `day_of` gives the date of a moment in the plan's time zone.
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
