"""Provisions: what was counted at the end of months, beside what was posted."""

from collections.abc import Iterator

from ledger.queries import amounts_by_source
from reports.books.check import Check, Totals
from reports.models import ProvisionMonth
from reports.provisions.queries import list_segments
from reports.provisions.rules import STAGES, Movement

_Key = tuple[str, str]


def check_provisions() -> Check:
    """Check that each month's change of each segment is posted once, and that each stage opens as it closed a month before."""
    check, totals = Check("Provisions = their postings, and each month opens as the last one closed"), Totals()
    check.blame(_apart(totals))
    check.examined, check.figures = totals.count, totals.text()
    return check


def _apart(totals: Totals) -> Iterator[str]:
    posted = amounts_by_source("provision", "provisions")
    closed: dict[_Key, list[int]] = {}
    for month in ProvisionMonth.objects.order_by("month"):
        closed_now: dict[_Key, list[int]] = {}
        for one in list_segments(month.month):
            segment, moves = one.segment, [one.stages[stage].movement if stage in one.stages else Movement() for stage in STAGES]
            more, there = sum(move.change for move in moves), -posted.pop((segment.source, segment.currency), 0)
            totals.add(segment.currency, more)
            if there != more:
                yield f"provision {segment.source}: ledger {there} {segment.currency}, counted {more}, off by {there - more}"
            key, opening = (segment.owner, segment.currency), [move.opening for move in moves]
            if opening != (before := closed.pop(key, [0] * len(STAGES))):
                yield f"provision {segment.source}: opens with {opening}, closed a month before with {before}"
            closed_now[key] = [move.closing for move in moves]
        for (owner, currency), left in closed.items():
            if any(left):
                yield f"provision {month} {owner} {currency}: is missing, closed a month before with {left}"
        closed = closed_now
    for (source, currency), minor in posted.items():
        yield f"provision {source}: ledger {-minor} {currency}, no such segment"
