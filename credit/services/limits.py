"""Using and freeing credit. Each function is one statement: the database locks the rows and refuses amounts above the limit."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from accounts import queries as people
from core.arrays import plain_array, text_array
from core.db import execute, rows, unit
from core.writes import change
from credit.errors import LimitExceeded
from credit.queries import EXPOSURE, exposure_params

# The open amounts of all lines of the person count. The query checks the account's person again, in case accounts were joined meanwhile.
# LEAST leaves out the person's own limit where it is not set.
_RESERVE = f"""
    UPDATE credit_creditline AS line SET used_minor = line.used_minor + %s
    FROM accounts_consumer AS me
    WHERE line.consumer_id = %s AND line.currency = %s AND line.used_minor + %s <= least(line.limit_minor, line.own_minor)
        AND me.id = line.consumer_id AND coalesce(me.person_id, me.id) = %s
        AND ({EXPOSURE}) + %s <= least(line.limit_minor, line.own_minor)"""  # noqa: S608  (a statement of our own)
# Rows are locked in the order of their keys, so that two concurrent calls never deadlock.
_RELEASE = """
    WITH wanted AS (
        SELECT consumer_id, currency, sum(amount)::bigint AS amount
        FROM unnest(%s::uuid[], %s::text[], %s::bigint[]) AS u (consumer_id, currency, amount) WHERE amount <> 0 GROUP BY 1, 2),
    freed AS (
        SELECT line.id, wanted.amount
        FROM credit_creditline AS line
        JOIN wanted ON line.consumer_id = wanted.consumer_id AND line.currency = wanted.currency
        ORDER BY line.id FOR UPDATE OF line),
    done AS (
        UPDATE credit_creditline AS line SET used_minor = line.used_minor - freed.amount,
            beyond_minor = least(line.beyond_minor, greatest(0, line.used_minor - freed.amount - line.limit_minor))
        FROM freed WHERE line.id = freed.id RETURNING 1)
    SELECT (SELECT count(*) FROM wanted) - (SELECT count(*) FROM done)"""


def reserve(*, consumer_id: uuid.UUID, currency: str, amount_minor: int, at: datetime, holder_id: uuid.UUID | None = None) -> None:
    """Use an amount of a consumer's limit; LimitExceeded if less is left, or if there is no limit.

    Open amounts in other currencies and in other accounts of the same person count too, at the rates of the day. The person's limits stay
    locked until the caller's transaction ends, so that concurrent calls never exceed the limit: the statement starts after the lock is
    taken, and sees all earlier amounts. A caller that already has the lock passes the person's key (`holder_id`).
    """
    _check_positive(amount_minor)
    with unit():
        if holder_id is None:
            holder_id = people.lock_person_of(consumer_id)
        elsewhere = exposure_params(holder_id, currency, at.date())
        params = [amount_minor, consumer_id, currency, amount_minor, holder_id, *elsewhere, amount_minor]
        change(_RESERVE, params, then=_check_reserved)


def _check_reserved(count: int) -> None:
    if not count:
        raise LimitExceeded("The amount is above what is left of the spending limit.")


_OWE_AGAIN = """
    UPDATE credit_creditline AS line SET used_minor = line.used_minor + %s,
        beyond_minor = greatest(line.beyond_minor, line.used_minor + %s - line.limit_minor)
    WHERE line.consumer_id = %s AND line.currency = %s"""


def owe_again(*, consumer_id: uuid.UUID, currency: str, amount_minor: int, at: datetime) -> None:
    """Use an amount of a consumer's limit even beyond it: its payment was taken back."""
    if amount_minor and not execute(_OWE_AGAIN, [amount_minor, amount_minor, consumer_id, currency]):
        raise RuntimeError("the credit line does not exist of which something is owed again")


def release(*, consumer_id: uuid.UUID, currency: str, amount_minor: int, at: datetime) -> None:
    """Free a used amount of a consumer's limit; freeing more than the used amount is a bug and fails."""
    release_many(amounts={(consumer_id, currency): amount_minor})


def release_many(*, amounts: Mapping[tuple[uuid.UUID, str], int]) -> None:
    """Free amounts of many consumers' limits, by (consumer, currency), in one statement; zero amounts are skipped."""
    wanted = {key: amount for key, amount in amounts.items() if amount}
    if not wanted:
        return
    for amount in wanted.values():
        _check_positive(amount)
    release_columns(
        consumers=plain_array(consumer_id for consumer_id, _ in wanted),
        currencies=text_array(currency for _, currency in wanted),
        amounts=plain_array(wanted.values()),
    )


def release_columns(*, consumers: str, currencies: str, amounts: str) -> None:
    """Free nonnegative amounts, given as array literals of equal length; a consumer may occur more than once."""
    with unit():
        missing = rows(_RELEASE, [consumers, currencies, amounts])[0][0]
        if missing:
            raise RuntimeError(f"{missing} credit lines do not exist whose use is to be freed")


def _check_positive(amount_minor: int) -> None:
    if amount_minor <= 0:
        raise ValueError("an amount of a limit is positive")
