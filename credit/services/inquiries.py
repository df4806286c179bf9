"""Inquiries about a person: recorded before they are sent, and answered once, whoever is asked."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import F

from core.db import unit
from credit.gateways.terms import Terms
from credit.models import Inquiry

T = TypeVar("T")


def open_inquiry(intent: Inquiry) -> tuple[Inquiry, bool]:
    """Record an inquiry before it is sent; return it and whether it existed before, in which case it may have been sent already."""
    about = {name: getattr(intent, name) for name in ("consumer", "currency", "provider", "register")}
    with unit():
        Inquiry.objects.bulk_create([intent], ignore_conflicts=True)
        # The open inquiry first: it is ours, or belongs to a concurrent request.
        stored = Inquiry.objects.filter(**about).order_by(F("answered_at").desc(nulls_first=True), "-asked_at").first()
    return stored or intent, stored is not None and stored.pk != intent.pk


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
