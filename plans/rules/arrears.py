"""Days past due and delinquency buckets."""

from collections.abc import Iterable
from datetime import date

CURRENT = "current"
BUCKETS = ((0, CURRENT), (3, "1-3"), (30, "4-30"), (60, "31-60"), (90, "61-90"), (120, "91-120"), (150, "121-150"), (180, "151-180"))
WORST = "181+"
LEAST_DAYS = dict(zip((*(name for _, name in BUCKETS), WORST), (0, *(upto + 1 for upto, _ in BUCKETS)), strict=True))
"""The fewest days past due in each bucket."""


def days_past_due(installments: Iterable[tuple[date, int]], day: date) -> int:
    """Return how many days the oldest late installment is past due on a day; 0 if none is late.

    Each installment is a pair of due date and open amount (principal and interest); it is late from the day after its due date.
    """
    return max((max(0, (day - due).days) for due, open_minor in installments if open_minor > 0), default=0)


def bucket_of(days: int) -> str:
    """Return the delinquency bucket of a number of days past due: current, 1-3, 4-30, then by thirty days, 181+."""
    return next((name for upto, name in BUCKETS if days <= upto), WORST)
