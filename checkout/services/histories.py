"""A person's payment history, as input of credit decisions."""

from collections.abc import Collection

from accounts.models import Consumer
from credit.rules import History
from plans.queries import repayment_counts


def history_of(consumer: Consumer) -> tuple[History, Collection[str]]:
    """Return a person's payment history with all brands, and the reason codes that come only from purchases with other brands.

    These codes have texts of their own, since a brand's pages and letters must not reveal that a person is a customer of another brand.
    """
    history = History(*repayment_counts(consumer.holder_id))
    if not history.paid_late and not history.overdue_now:
        return history, ()
    own = History(*repayment_counts(consumer.holder_id, brand=consumer.brand_id))
    found = {"late_with_us": own.paid_late, "overdue_with_us": own.overdue_now}
    return history, [code for code, count in found.items() if not count]
