"""Pure figures: totals of days, rates, and the change from the period before."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Figures of some days together; amounts in minor units."""

    opened: int = 0
    identified: int = 0
    approved: int = 0
    declined: int = 0
    finished: int = 0
    completed: int = 0
    sales_minor: int = 0
    captured_minor: int = 0
    refunded_minor: int = 0
    refunds: int = 0

    @property
    def left(self) -> int:
        """How many were approved but not finished; 0 if negative, since approvals may have been counted before these days."""
        return max(self.approved - self.finished, 0)

    @property
    def average_order_minor(self) -> int:
        """The average order, rounded half up; 0 if there is none."""
        return (2 * self.sales_minor + self.completed) // (2 * self.completed) if self.completed > 0 else 0

    @property
    def approval_rate_bps(self) -> int | None:
        """The share of approved among decided checkouts, in basis points; None if nothing was decided."""
        return share_bps(self.approved, self.approved + self.declined)


def share_bps(part: int, whole: int) -> int | None:
    """Return a part of a whole in basis points, rounded half up; None if the whole is 0."""
    return (20_000 * part + whole) // (2 * whole) if whole else None


def total_of(days: Iterable[Any]) -> Totals:
    """Return the sum of days (anything with the figures as attributes)."""
    found = list(days)
    return Totals(**{field.name: sum(getattr(day, field.name) for day in found) for field in fields(Totals)})


def change_bps(now: int, before: int) -> int | None:
    """Return the change from `before` to `now`, in basis points of `before`; None if `before` is 0."""
    return share_bps(now - before, before) if before else None
