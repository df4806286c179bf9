"""The limit that a person sets themselves, below the lender's, or to stop all purchases."""

from datetime import datetime

from accounts.models import Consumer
from accounts.queries import lock_person_of
from core.db import unit
from core.errors import Conflict, refuse
from core.sentences import Sentence
from credit import queries
from credit.models import CreditLine


def set_own_limit(*, consumer: Consumer, currency: str, limit_minor: int | None, at: datetime) -> list[CreditLine]:
    """Set a person's own limit in a currency with the brand of their account, in minor units; 0 stops purchases, None lifts it.

    It holds at once, for purchases that are already decided too. What was bought stays as agreed. Returns the changed lines; safe to
    repeat. Invalid names `amount` for a limit that is not below the lender's; Conflict if the person has no limit in the currency yet.
    """
    with unit():
        lock_person_of(consumer.pk)
        lines = [line for line in queries.lock_lines(consumer) if line.currency == currency]
        near = queries.of_brand(lines, consumer)
        mine = [line for line in lines if line.consumer_id in near]
        if not mine:
            raise Conflict("You have no limit in this currency yet.", code="credit.no_line")
        if limit_minor is not None:
            fits = 0 <= limit_minor < max(1, *(line.limit_minor for line in mine))
            refuse({"amount": "" if fits else Sentence("is not below your limit")})
        changed = [line for line in mine if line.own_minor != limit_minor]
        for line in changed:
            line.own_minor, line.own_at = limit_minor, None if limit_minor is None else at
            line.save(update_fields=["own_minor", "own_at"])
    return changed
