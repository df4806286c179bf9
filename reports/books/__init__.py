"""Do the books hold? Each check compares two independent records of the same money and names who is off.

All checks read one snapshot of the database, taken after the gateways' own reports, so that what moves meanwhile is not mistaken
for an error: a movement that waits for its answer is in flight, and what a report seems to contradict is asked of its gateway once
more. Nothing is held: rows are read as they come, sums are made by the database, and reports of gateways are laid beside our rows in
a table of this session.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from core.db import snapshot
from payments.gateways.base import Period
from reports.books.check import Check
from reports.books.gateways import check_gateway, collect_reports, gateways_in_use
from reports.books.ledger import check_checkpoints, check_entries
from reports.books.merchants import check_in_transit, check_merchants
from reports.books.movements import check_movements, check_movements_of
from reports.books.people import check_limits, check_owed_to_cards, check_receivables
from reports.books.turns import check_chargebacks, check_transfers, check_turns

__all__ = ["Check", "check_books", "check_days"]


def check_books(*, since: datetime | None = None) -> list[Check]:
    """Run every check and return them all; the books hold where none of them is wrong.

    With `since` gateways are asked for what they did from then on only; everything else is always checked whole.
    """
    with collect_reports(gateways_in_use(), Period(since=since)) as collected, snapshot():
        return [
            check_entries(),
            check_checkpoints(),
            check_receivables(),
            check_owed_to_cards(),
            check_merchants(),
            check_in_transit(),
            check_limits(),
            *check_movements(),
            check_turns(),
            check_chargebacks(),
            check_transfers(),
            *(check for gateway in collected for check in check_gateway(gateway)),
        ]


def check_days(first: date, last: date) -> Iterator[tuple[date, list[Check]]]:
    """Check day by day (UTC) what happened on it, and yield each day as soon as it is done: who is stopped goes on from the next.

    Entries balance; movements and entries stand for each other; gateways report what we have, each kind once. Balances are of no day:
    `check_books` checks them.
    """
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        begins = datetime.combine(day, time.min, UTC)
        period = Period(since=begins, until=begins + timedelta(days=1))
        with collect_reports(gateways_in_use(), period) as collected, snapshot():
            checks = [check_entries(period), *check_movements_of(period), check_turns(period)]
            checks += [check for gateway in collected for check in check_gateway(gateway)]
        yield day, checks
