"""Limits that two operators set, which decisions use until they are lifted or expire."""

import uuid
from datetime import date, datetime, timedelta

from accounts.queries import lock_person_of
from core.clock import local_date
from core.db import rows, unit
from core.errors import Conflict
from core.money import exponent
from credit import queries, rules
from credit.models import CreditLine
from credit.services.decisions import tell_limit

LONGEST = timedelta(days=366)
CHUNK = 100
_OVER = """
    SELECT line.consumer_id, line.currency FROM credit_creditline line JOIN accounts_consumer me ON me.id = line.consumer_id
    WHERE line.order_by_hand_until < (%s AT TIME ZONE me.time_zone)::date ORDER BY line.order_by_hand_until, line.id LIMIT %s"""


def set_limit(*, consumer_id: uuid.UUID, currency: str, limit_minor: int | None, at: datetime) -> CreditLine:
    """Set a person's limit in a currency, in minor units, in all their accounts; None lets decisions compute it again.

    The next decision computes the limit again; until then the current one stays. Conflict if the person has no limit in the currency yet,
    or if more than the new limit is in use.
    """
    with unit():
        lines, mine = _locked(consumer_id, currency)
        if limit_minor is not None and limit_minor < queries.exposure(lines, currency, at.date()):
            raise Conflict("More than this is in use.", code="credit.limit_below_use")
        for line in mine:
            _set(line, limit_minor, at)
    return _own(mine, consumer_id)


def _set(line: CreditLine, limit_minor: int | None, at: datetime) -> None:
    before, line.by_hand_minor = line.limit_minor, limit_minor
    if limit_minor is not None:
        line.limit_minor, line.decided_at = limit_minor, at
        line.order_limit_minor = rules.order_limit_of(limit_minor, exponent(line.currency), line.order_by_hand_minor)
    line.save(update_fields=["by_hand_minor", "limit_minor", "order_limit_minor", "decided_at"])
    if before != line.limit_minor:
        tell_limit(line, before, "set_by_hand", at)


def set_order_limit(*, consumer_id: uuid.UUID, currency: str, limit_minor: int | None, until: date | None, at: datetime) -> CreditLine:
    """Set a person's order limit in a currency, in minor units, in all their accounts, until a day (included, in their time zone).

    None lets it be computed again, at once. Conflict if the person has no limit in the currency yet, if the order limit is above it, or if
    the day is past or more than a year away.
    """
    with unit():
        _lines, mine = _locked(consumer_id, currency)
        own = _own(mine, consumer_id)
        today = local_date(at, own.consumer.time_zone)
        if until is not None and not today <= until <= today + LONGEST:
            raise Conflict("This day is over, or more than a year away.", code="credit.order_limit_day")
        if limit_minor is not None and limit_minor > own.limit_minor:
            raise Conflict("An order limit cannot be above the limit.", code="credit.order_limit_above")
        for line in mine:
            _set_order_limit(line, limit_minor, until)
    return own


def end_order_limits(*, at: datetime) -> int:
    """End the order limits whose last day is past in the person's time zone; a timer. Return how many lines changed."""
    over = rows(_OVER, [at, CHUNK])
    return sum(_end_order_limit(consumer_id, currency, at) for consumer_id, currency in over)


def _end_order_limit(consumer_id: uuid.UUID, currency: str, at: datetime) -> bool:
    with unit():
        _lines, mine = _locked(consumer_id, currency)
        line = _own(mine, consumer_id)
        if line.order_by_hand_until is None or line.order_by_hand_until >= local_date(at, line.consumer.time_zone):
            return False
        _set_order_limit(line, None, None)
    return True


def _set_order_limit(line: CreditLine, limit_minor: int | None, until: date | None) -> None:
    line.order_by_hand_minor, line.order_by_hand_until = limit_minor, until
    line.order_limit_minor = rules.order_limit_of(line.limit_minor, exponent(line.currency), limit_minor)
    line.save(update_fields=["order_by_hand_minor", "order_by_hand_until", "order_limit_minor"])


def _locked(consumer_id: uuid.UUID, currency: str) -> tuple[list[CreditLine], list[CreditLine]]:
    """Lock a person and return all their lines, and those in a currency; Conflict if there is none."""
    lock_person_of(consumer_id)
    lines = queries.lock_lines_of(consumer_id)
    mine = [line for line in lines if line.currency == currency]
    if not mine:
        raise Conflict("This person has no limit in this currency yet.", code="credit.no_line")
    return lines, mine


def _own(lines: list[CreditLine], consumer_id: uuid.UUID) -> CreditLine:
    return next((line for line in lines if line.consumer_id == consumer_id), lines[0])
