"""How a person has paid, as a decision on credit takes it."""

from collections.abc import Collection

from accounts.models import Consumer
from credit.rules import History
from plans.queries import repayment_counts


def history_of(consumer: Consumer) -> tuple[History, Collection[str]]:
    """Return how a person has paid with all brands, and the reason codes that come from their purchases with other brands alone.

    The latter are told in other words: a brand's pages and letters do not show that somebody is a customer of another.
    """
    history = History(*repayment_counts(consumer.holder_id))
    if not history.paid_late and not history.overdue_now:
        return history, ()
    own = History(*repayment_counts(consumer.holder_id, brand=consumer.brand_id))
    found = {"late_with_us": own.paid_late, "overdue_with_us": own.overdue_now}
    return history, [code for code, count in found.items() if not count]
