"""The kind of credit check that a market's law asks for, by what a person would owe (Australia: a negative or a partial one)."""

from datetime import datetime

from accounts.models import Consumer
from accounts.queries import account_ids
from core.clock import local_date
from core.money import Money
from credit.models import CreditLine, Inquiry
from credit.queries import exposure
from markets.queries import currency_of, factors_to, find_partial_check

NEGATIVE, PARTIAL = "negative", "partial"
"""What a bureau is asked for: only what counts against a person, or also their credit accounts. Empty where the law knows no kinds."""


def check_of(consumer: Consumer, amount: Money, at: datetime) -> str:
    """Return the kind of check for a purchase: a partial one from the market's amount on, of all that would be owed with it.

    Empty where the market's `credit_check.partial_from_minor` says nothing on that day; then it is no query.
    """
    on = local_date(at, consumer.time_zone)
    row = find_partial_check(consumer.market_id, on)
    if row is None:
        return ""
    own = currency_of(consumer.market_id)
    from_minor = row.value if own == amount.currency else int(row.value * factors_to(amount.currency, on)[own])
    lines = list(CreditLine.objects.filter(consumer__in=account_ids(consumer.holder_id)))
    return PARTIAL if exposure(lines, amount.currency, on) + amount.minor >= from_minor else NEGATIVE


def is_enough(report: Inquiry, check: str) -> bool:
    """Return whether a report at hand serves a kind of check: a negative one does not where a partial one is due."""
    return check != PARTIAL or report.check_kind != NEGATIVE
