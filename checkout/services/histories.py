"""A person's payment history, as input of credit decisions and of the daily review of limits."""

from collections.abc import Collection
from datetime import datetime

from accounts.models import Consumer
from credit import services as credit
from credit.rules import History
from plans.records import repayment_records


def history_of(consumer: Consumer) -> tuple[History, Collection[str]]:
    """Return a person's payment history with all brands, and the reason codes that come only from purchases with other brands.

    These codes have texts of their own, since a brand's pages and letters must not reveal that a person is a customer of another brand.
    """
    by_brand = repayment_records([consumer.holder_id]).get(consumer.holder_id, {})
    history, own = sum(by_brand.values(), History()), by_brand.get(str(consumer.brand_id), History())
    found = {"late_with_us": own.paid_late, "overdue_with_us": own.overdue_now}
    codes = [code for code, count in found.items() if not count] if history.paid_late or history.overdue_now else []
    return history, [*codes, "eased_with_us"] if history.eased_now and not own.eased_now else codes


def review_limits(*, at: datetime) -> int:
    """Review the limits that are still to be reviewed on a day; a timer. Return how many limits moved."""
    return credit.review_limits(records=repayment_records, at=at)
