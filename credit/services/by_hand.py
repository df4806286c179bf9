"""Limits that two operators set, which decisions keep to until they are lifted."""

import uuid
from datetime import datetime

from accounts.queries import lock_person_of
from core.db import unit
from core.errors import Conflict
from core.money import exponent
from credit import queries, rules
from credit.models import CreditLine
from credit.services.decisions import tell_limit


def set_limit(*, consumer_id: uuid.UUID, currency: str, limit_minor: int | None, at: datetime) -> CreditLine:
    """Set a person's limit in a currency, in minor units, in all their accounts; None lets decisions compute it again.

    A computed limit begins with the next decision; until then the present one holds. Conflict where the person has no limit in the
    currency yet, or where more than the new limit is in use.
    """
    with unit():
        lock_person_of(consumer_id)
        lines = queries.lock_lines_of(consumer_id)
        mine = [line for line in lines if line.currency == currency]
        if not mine:
            raise Conflict("This person has no limit in this currency yet.", code="credit.no_line")
        if limit_minor is not None and limit_minor < queries.exposure(lines, currency, at.date()):
            raise Conflict("More than this is in use.", code="credit.limit_below_use")
        for line in mine:
            _set(line, limit_minor, at)
    return next((line for line in mine if line.consumer_id == consumer_id), mine[0])


def _set(line: CreditLine, limit_minor: int | None, at: datetime) -> None:
    before, line.by_hand_minor = line.limit_minor, limit_minor
    if limit_minor is not None:
        line.limit_minor, line.decided_at = limit_minor, at
        line.order_limit_minor = rules.order_limit_of(limit_minor, exponent(line.currency))
    line.save(update_fields=["by_hand_minor", "limit_minor", "order_limit_minor", "decided_at"])
    if before != line.limit_minor:
        tell_limit(line, before, "set_by_hand", at)
