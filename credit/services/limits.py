"""What of a limit is in use. Each is one statement: the database locks the rows and refuses what goes beyond the limit."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from core.db import execute, unit
from credit.errors import LimitExceeded

_RESERVE = """
    UPDATE credit_creditline SET used_minor = used_minor + %(amount)s
    WHERE consumer_id = %(consumer)s AND currency = %(currency)s AND used_minor + %(amount)s <= limit_minor"""
# Rows are locked in the order of their keys, so that two at once never wait for each other.
_RELEASE = """
    WITH freed AS (
        SELECT line.id, wanted.amount
        FROM credit_creditline AS line
        JOIN unnest(%(consumers)s::uuid[], %(currencies)s::text[], %(amounts)s::bigint[]) AS wanted (consumer_id, currency, amount)
          ON line.consumer_id = wanted.consumer_id AND line.currency = wanted.currency
        ORDER BY line.id FOR UPDATE OF line)
    UPDATE credit_creditline AS line SET used_minor = line.used_minor - freed.amount FROM freed WHERE line.id = freed.id"""


def reserve(*, consumer_id: uuid.UUID, currency: str, amount_minor: int, at: datetime) -> None:
    """Put an amount of a consumer's limit in use; LimitExceeded where not as much is left, or there is no limit.

    The row is locked until the caller's transaction ends. READ COMMITTED reads it again after waiting for the lock, so that any number at
    once never exceed the limit.
    """
    _check_positive(amount_minor)
    with unit():
        if not execute(_RESERVE, {"consumer": str(consumer_id), "currency": currency, "amount": amount_minor}):
            raise LimitExceeded("The amount is above what is left of the spending limit.")


def release(*, consumer_id: uuid.UUID, currency: str, amount_minor: int, at: datetime) -> None:
    """Free an amount of a consumer's limit that is in use; freeing more than that is a fault and fails."""
    release_many(amounts={(consumer_id, currency): amount_minor})


def release_many(*, amounts: Mapping[tuple[uuid.UUID, str], int]) -> None:
    """Free amounts of many consumers' limits, by (consumer, currency), in one statement; zero amounts are passed over."""
    wanted = {key: amount for key, amount in amounts.items() if amount}
    if not wanted:
        return
    for amount in wanted.values():
        _check_positive(amount)
    with unit():
        freed = execute(
            _RELEASE,
            {
                "consumers": [str(consumer_id) for consumer_id, _ in wanted],
                "currencies": [currency for _, currency in wanted],
                "amounts": list(wanted.values()),
            },
        )
        if freed != len(wanted):
            raise RuntimeError(f"{len(wanted) - freed} credit lines do not exist whose use is to be freed")


def _check_positive(amount_minor: int) -> None:
    if amount_minor <= 0:
        raise ValueError("an amount of a limit is positive")
