"""Checks of the books: each compares two independent records of the same money, and names the objects that differ.

All checks read one snapshot of the database, taken after the gateways' reports, so that money moving meanwhile does not count as an error:
a movement that waits for its answer is not compared, and the gateway is asked again about each line that contradicts us. Memory use is
small: rows are streamed, the database computes the sums, and gateways' reports are compared with our rows in a temporary table.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from core.db import snapshot
from payments.gateways.base import Period
from reports.books.agencies import check_agencies, check_agency_payments, check_shares
from reports.books.check import Check
from reports.books.gateways import check_gateway, collect_reports, gateways_in_use
from reports.books.ledger import check_checkpoints, check_day_totals, check_entries
from reports.books.merchants import check_in_transit, check_merchants
from reports.books.movements import check_movements, check_movements_of
from reports.books.people import (
    check_deposits,
    check_forgiven,
    check_late_fees,
    check_limits,
    check_losses,
    check_owed_to_cards,
    check_receipts,
    check_receivables,
    check_sales,
)
from reports.books.provisions import check_provisions
from reports.books.rewards import check_fee_credits, check_rewards
from reports.books.shop_paid import check_shop_interest
from reports.books.turns import check_chargebacks, check_transfers, check_turns

__all__ = ["Check", "check_books", "check_days"]


def check_books(*, since: datetime | None = None) -> list[Check]:
    """Run every check and return them all; the books are correct if none of them is wrong.

    With `since`, gateways report only movements from then on; everything else is always checked completely.
    """
    with collect_reports(gateways_in_use(), Period(since=since)) as collected, snapshot():
        return [
            check_entries(),
            check_checkpoints(),
            check_day_totals(),
            check_receivables(),
            check_deposits(),
            check_late_fees(),
            check_rewards(),
            check_fee_credits(),
            check_shop_interest(),
            check_losses(),
            check_forgiven(),
            check_sales(),
            check_receipts(),
            check_agencies(),
            check_agency_payments(),
            check_shares(),
            check_owed_to_cards(),
            check_merchants(),
            check_in_transit(),
            check_limits(),
            *check_movements(),
            check_turns(),
            check_chargebacks(),
            check_transfers(),
            check_provisions(),
            *(check for gateway in collected for check in check_gateway(gateway)),
        ]


def check_days(first: date, last: date) -> Iterator[tuple[date, list[Check]]]:
    """Check day by day (UTC) and yield each day as soon as it is done, so that an interrupted run can continue with the next day.

    Entries balance; movements and entries match; gateways report our movements, each once. Balances belong to no day: `check_books`
    checks them.
    """
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        begins = datetime.combine(day, time.min, UTC)
        period = Period(since=begins, until=begins + timedelta(days=1))
        with collect_reports(gateways_in_use(), period) as collected, snapshot():
            checks = [check_entries(period), *check_movements_of(period), check_turns(period)]
            checks += [check for gateway in collected for check in check_gateway(gateway)]
        yield day, checks
