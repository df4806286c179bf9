"""What rules let the account of a late person do, as decisions and reviews of limits read it."""

from accounts.models import Consumer
from credit.rules import Behavior, History


def behavior_of(consumer: Consumer, history: History | None) -> Behavior | None:
    """Return what rules let an account do while something of its person is overdue; None while nothing is. No query."""
    return Behavior.from_json(consumer.behavior) if history is not None and history.overdue_now else None
