"""What calls of providers of open banking cost and how they answered, a row for each call."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from accounts.models import Consumer
from credit import gateways
from credit.gateways.base import SourceUnavailable
from credit.models import BankAccess, BankCall

T = TypeVar("T")
OK = "ok"
VISIT, READ, REFRESH, BALANCE = "visit", "read", "refresh", "balance"


@contextmanager
def noted(visit: BankAccess, consumer: Consumer, kind: str, at: datetime) -> Iterator[None]:
    """Call a provider in the block, and note what came of it; one write."""
    began, outcome = time.monotonic(), OK
    try:
        yield
    except SourceUnavailable as error:
        outcome = error.outcome
        raise
    finally:
        call_of(visit, consumer, kind, outcome, round((time.monotonic() - began) * 1000), at).save()


def call_of(visit: BankAccess, consumer: Consumer, kind: str, outcome: str, took_ms: int, at: datetime) -> BankCall:
    """Return a call that was made for a visit, with its cost: an answer costs what the account's terms say."""
    terms = gateways.find_bank_terms(visit.provider)
    return BankCall(
        provider=visit.provider,
        market=consumer.market_id,
        brand=str(consumer.brand_id),
        kind=kind,
        outcome=outcome,
        took_ms=took_ms,
        cost_minor=terms.price_of(kind) if outcome == OK else 0,
        cost_currency=terms.currency,
        reference=visit.reference,
        at=at,
    )


def timed(call: Callable[[], T]) -> tuple[T, int]:
    """Return what a call returns, and how many milliseconds it took."""
    began = time.monotonic()
    return call(), round((time.monotonic() - began) * 1000)
