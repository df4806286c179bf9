"""Events, deliveries and their attempts in the form that the templates need."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.formats import day_text
from webhooks.models import Attempt, Delivery, Endpoint, MerchantEvent
from webhooks.queries import describe_event, subject_of
from webhooks.rules import in_words
from webhooks.states import DeliveryStatus

DELIVERY_PILLS = {
    DeliveryStatus.WAITING: (_("Waiting"), "info"),
    DeliveryStatus.DELIVERED: (_("Delivered"), "good"),
    DeliveryStatus.FAILED: (_("Failed"), "bad"),
}


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """An endpoint, in the list and on its own page: `events` is empty if it takes all, `off_reason` is stored in English."""

    public_id: str
    url: str
    events: tuple[str, ...]
    active: bool
    off_reason: str
    created_at: datetime


def endpoint_row(endpoint: Endpoint) -> EndpointRow:
    """Return an endpoint as pages show it."""
    return EndpointRow(
        public_id=endpoint.public_id,
        url=endpoint.url,
        events=tuple(endpoint.events),
        active=endpoint.active,
        off_reason=endpoint.disabled_reason,
        created_at=endpoint.created_at,
    )


def delivery_pill(delivery: Delivery) -> tuple[str, str]:
    """Say what state a delivery is in; one that waits after an attempt counts as not delivered yet."""
    if delivery.status == DeliveryStatus.WAITING and delivery.tries:
        return gettext("Trying again"), "warn"
    text, tone = DELIVERY_PILLS[delivery.status]
    return str(text), tone


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A row of a list of deliveries; `name` is the event's type on an endpoint's page, the endpoint's address on an event's."""

    path: str
    name: str
    number: int | None
    tries: int
    at: datetime
    pill: str
    tone: str


def delivery_row(delivery: Any, *, of_event: bool = False) -> DeliveryRow:
    """Return a delivery, with the number `made` of its attempts, as a row of its endpoint's list, or of its event's."""
    name, number = (delivery.endpoint.url, None) if of_event else (delivery.event.type, delivery.event.sequence)
    path = reverse("merchant_delivery", args=[delivery.public_id])
    return DeliveryRow(path, name, number, delivery.made, delivery.created_at, *delivery_pill(delivery))


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as the list and its own pages show it; `number` counts the events of the shop."""

    path: str
    type: str
    subject: str
    at: datetime
    number: int


def event_row(event: MerchantEvent, locale: str) -> EventRow:
    """Return an event as a row of the list."""
    about = subject_of(event)
    subject = (
        gettext("Statement of %(day)s") % {"day": day_text(about.statement_of, locale, "year")} if about.statement_of else about.reference
    )
    path = reverse("merchant_event", args=[event.public_id])
    return EventRow(path, event.type, subject, event.created_at, event.sequence)


def payload_of(event: MerchantEvent) -> str:
    """Return exactly the document that is sent, but indented."""
    return json.dumps(describe_event(event), indent=2, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt of a delivery. The title is the status code of the endpoint's answer, or says that there was none."""

    title: str
    tone: str
    at: datetime
    duration_ms: int
    error: str
    answer: str


def try_of(attempt: Attempt) -> Try:
    """Return an attempt as the delivery's page shows it."""
    code = attempt.status_code
    title, tone = (str(code), "good" if 200 <= code < 300 else "bad") if code else (_("No answer"), "bad")
    return Try(str(title), tone, attempt.at, attempt.duration_ms, in_words(attempt.error), attempt.answer)
