"""Count the margins of the last two years anew, once a day."""

import json
from datetime import UTC, date, datetime
from typing import Any

from core.db import execute, rows, try_lock, unit
from markets.queries import factors_to, list_currencies
from payments.gateways.terms import list_fees
from reports.margins.counting import COUNT
from reports.margins.queries import month_before
from reports.margins.rules import MONTHS
from reports.models import Margin


def count_margins(*, at: datetime) -> int:
    """Count the margins of the last MONTHS months, unless they were counted on this day (UTC); a timer. Return how many rows it wrote.

    All rows are replaced in one transaction, so that whoever reads meanwhile sees the ones of before.
    """
    day = at.astimezone(UTC).date()
    told: dict[str, Any] = {"at": at, "day": day, "first": datetime.combine(month_before(day, MONTHS - 1), datetime.min.time(), UTC)}
    told |= {"fees": json.dumps(list_fees(list_currencies(), day)), "rates": json.dumps(_rates(day))}
    with unit():
        if (
            not try_lock("reports.margins")
            or Margin.objects.filter(counted_at__gte=datetime.combine(day, datetime.min.time(), UTC)).exists()
        ):
            return 0
        execute("DELETE FROM reports_margin")
        return len(rows(f"WITH made AS ({COUNT} RETURNING id) SELECT id FROM made", told))  # noqa: S608  (words of our own)


def _rates(day: date) -> list[dict[str, Any]]:
    """Return the factors between the minor units of all currencies of markets, by the newest rates; a currency without rates has itself."""
    return [
        {"source": source, "target": target, "factor": str(factor)}
        for target in list_currencies()
        for source, factor in factors_to(target, day).items()
    ]
