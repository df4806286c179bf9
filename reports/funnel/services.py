"""Count the funnel of the last days anew."""

from datetime import UTC, datetime, time, timedelta

from checkout.journeys import STEPS
from core.db import execute, try_lock, unit
from reports.funnel.counting import COUNT

DAYS = 4
"""A checkout is open for 48 hours, so that what began earlier has ended, wherever its market is."""


def count_funnel(*, at: datetime) -> int:
    """Count the days of the funnel anew whose checkouts may still go on, those of today included; a timer. Return how many rows it wrote.

    Days are those of the market.
    """
    return count_days(at=at, days=DAYS)


def count_days(*, at: datetime, days: int) -> int:
    """Count the last days (UTC) of the funnel anew; return how many rows were written.

    All rows of a day are replaced in one transaction, so that whoever reads meanwhile sees those of before.
    """
    day = at.astimezone(UTC).date() - timedelta(days=days)
    first = datetime.combine(day - timedelta(days=1), time.min, UTC)
    with unit():
        if not try_lock("reports.funnel"):
            return 0
        execute("DELETE FROM reports_funnelday WHERE day >= %s", [day])
        return execute(COUNT, {"at": at, "first": first, "day": day, "order": list(STEPS)})
