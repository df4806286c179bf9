"""What a version of a plan's schedule changed, payment by payment."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from plans.models import PlanChange

Dated = tuple[date, int]
"""A payment: its due date and its amount in minor units, fees included."""


def differences_of(change: PlanChange) -> list[tuple[Dated | None, Dated | None]]:
    """Return each payment whose date or amount a version changed, before and after it, by its new date; None where there was none.

    Empty for the first version, whose payments are all new. A payment of which nothing is asked any more has None after.
    """
    before = {row["number"]: _dated(row) for row in change.before}
    found = [(before.get(row["number"]), _dated(row)) for row in change.after] if before else []
    return sorted((one for one in found if one[0] != one[1]), key=lambda one: one[1] or one[0] or (date.max, 0))


def _dated(row: Mapping[str, Any]) -> Dated | None:
    return (date.fromisoformat(row["due_date"]), row["amount_minor"]) if row["amount_minor"] else None
