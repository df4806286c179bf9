"""Inquiries about a person: recorded before they are sent, and answered once, whoever is asked."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import F

from accounts.models import Consumer
from accounts.queries import account_ids
from core.db import unit, wait_lock
from credit.gateways.terms import Terms
from credit.models import Inquiry

T = TypeVar("T")
LOOK_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class Opened:
    """A recorded inquiry, and whether it existed before, in which case it may have been sent already.

    `is_shared`: it is about another account of the same person with the same lender, and is answered to whoever asked it.
    """

    inquiry: Inquiry
    existed: bool
    is_shared: bool = False


def open_inquiry(intent: Inquiry, terms: Terms) -> Opened:
    """Record an inquiry before it is sent.

    Nothing is recorded while the same question about another account of the person with the same lender is under way: that inquiry is
    returned. Purchases with several accounts at once take turns here.
    """
    consumer = intent.consumer
    about = {name: getattr(intent, name) for name in ("currency", "provider", "register")}
    with unit():
        if (others := _others(consumer)) and (shared := _under_way(intent, others, about, terms)):
            return Opened(shared, existed=True, is_shared=True)
        Inquiry.objects.bulk_create([intent], ignore_conflicts=True)
        # The open inquiry first: it is ours, or belongs to a concurrent request.
        mine = Inquiry.objects.filter(**about, consumer=consumer)
        stored = mine.order_by(F("answered_at").desc(nulls_first=True), "-asked_at").first()
    return Opened(stored or intent, existed=stored is not None and stored.pk != intent.pk)


def _others(consumer: Consumer) -> list[Any]:
    """Return the keys of a person's other accounts with the same lender."""
    return list(account_ids(consumer.holder_id, brand=consumer.brand_id).filter(market_id=consumer.market_id).exclude(pk=consumer.pk))


def _under_way(intent: Inquiry, others: list[Any], about: dict[str, str], terms: Terms) -> Inquiry | None:
    """Return the same question about other accounts of a person that waits for its answer; until the transaction ends, nobody asks one."""
    consumer = intent.consumer
    wait_lock(f"inquiry {consumer.holder_id} {consumer.brand_id} {consumer.market_id} {' '.join(about.values())}")
    found = Inquiry.objects.filter(**about, consumer__in=others, check_kind=intent.check_kind, answered_at__isnull=True)
    # An older one was given up: no answer is waited for as long as that.
    return found.filter(asked_at__gt=intent.asked_at - timedelta(milliseconds=terms.budget_ms)).order_by("-asked_at").first()


def wait_for_answer(inquiry: Inquiry, seconds: float) -> Inquiry | None:
    """Return an inquiry when whoever sent it has stored its answer; None if that does not happen within some seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = Inquiry.objects.filter(pk=inquiry.pk, answered_at__isnull=False).first()
        if found is not None:
            return found
        time.sleep(LOOK_EVERY_S)
    return None


def sent_once(find: Callable[[], T | None], send: Callable[[], T], *, asked_before: bool) -> Callable[[], T]:
    """Return a call that asks, but first looks up the answer to an inquiry that may have been sent before."""
    return lambda: (find() if asked_before else None) or send()


def keep_answer(inquiry: Inquiry, terms: Terms, at: datetime, *, provider_ref: str, data: Mapping[str, Any], took_ms: int) -> Inquiry:
    """Store the answer to an inquiry, once; also called in a call's own thread for an answer that nobody waits for any more."""
    # A later request may have recorded the inquiry, so never store an answer time before the inquiry's own time.
    inquiry.provider_ref, inquiry.data, inquiry.answered_at = provider_ref, data, max(at, inquiry.asked_at)
    inquiry.cost_minor, inquiry.cost_currency, inquiry.took_ms = terms.price_minor, terms.price_currency, took_ms
    names = ("provider_ref", "data", "answered_at", "cost_minor", "cost_currency", "took_ms")
    Inquiry.objects.filter(pk=inquiry.pk, answered_at__isnull=True).update(**{name: getattr(inquiry, name) for name in names})
    return inquiry
