"""The log of webhooks: events, deliveries with every attempt, and resending."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from core.clock import wall
from core.errors import DomainError
from core.ids import parse_id
from portals.formats import day_text, relative_time_text
from portals.merchant.frame import Desk, merchant_page, show
from portals.merchant.hooks import delivery_pill, delivery_row
from portals.merchant.paging import BY_NUMBER, slice_of
from portals.merchant.queries import deliveries_of, find_events
from webhooks import services as hooks
from webhooks.models import Attempt, Delivery, MerchantEvent
from webhooks.queries import access_delivery, access_event, describe_event, subject_of
from webhooks.rules import RETRY_S, in_words
from webhooks.states import DeliveryStatus


@merchant_page("GET", needs="webhooks.write")
def events(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List the shop's events, the latest number first."""
    page = slice_of(find_events(desk.merchant), request, place=BY_NUMBER)
    context = {"events": [_event_row(event, desk.locale) for event in page.rows], "newer": page.newer, "older": page.older}
    return show(request, desk, "events", "webhooks", context)


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as the list shows it."""

    path: str
    type: str
    subject: str
    at: datetime
    number: int


def _event_row(event: MerchantEvent, locale: str) -> EventRow:
    about = subject_of(event)
    subject = f"Statement of {day_text(about.statement_of, locale, 'year')}" if about.statement_of else about.reference
    return EventRow(reverse("merchant_event", args=[event.public_id]), event.type, subject, event.created_at, event.sequence)


@merchant_page("GET", needs="webhooks.write")
def event(request: HttpRequest, desk: Desk, event_id: str) -> HttpResponse:
    """Show an event's payload, and its deliveries."""
    found = access_event(parse_id(MerchantEvent.PREFIX, event_id), desk.merchant)
    context = {
        "event": found,
        "payload": [("JSON", payload_of(found))],
        "deliveries": [delivery_row(delivery, of_event=True) for delivery in deliveries_of(found)],
    }
    return show(request, desk, "event", "webhooks", context)


def payload_of(event: MerchantEvent) -> str:
    """Return exactly the document that is sent, indented."""
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


def _try(attempt: Attempt) -> Try:
    code = attempt.status_code
    title, tone = (str(code), "good" if 200 <= code < 300 else "bad") if code else ("No answer", "bad")
    return Try(title, tone, attempt.at, attempt.duration_ms, in_words(attempt.error), attempt.answer)


@merchant_page("GET", needs="webhooks.write")
def delivery(request: HttpRequest, desk: Desk, delivery_id: str) -> HttpResponse:
    """Show a delivery: its payload, and the result of each attempt."""
    found = access_delivery(parse_id(Delivery.PREFIX, delivery_id), desk.merchant)
    text, tone = delivery_pill(found)
    context = {
        "delivery": found,
        "event": found.event,
        "endpoint": found.endpoint,
        "pill": text,
        "tone": tone,
        "payload": [("JSON", payload_of(found.event))],
        "attempts": [_try(attempt) for attempt in list(found.attempts.all())[::-1]],
        "goes_on": found.status == DeliveryStatus.WAITING,
        "most_tries": len(RETRY_S) + 1,
        # Attempts use real time, the rest of the page the product's clock; the time until the next attempt is the same by both.
        "next_try": relative_time_text(max(found.next_at, wall()), wall(), desk.locale),
    }
    return show(request, desk, "delivery", "webhooks", context)


@merchant_page("POST", needs="webhooks.write")
def resend(request: HttpRequest, desk: Desk, delivery_id: str) -> HttpResponse:
    """Send a delivery again; a second request while it waits does not send it twice."""
    key = parse_id(Delivery.PREFIX, delivery_id)
    try:
        found = hooks.resend(merchant=desk.merchant, delivery_id=key, at=desk.at, actor=desk.actor)
    except DomainError as error:
        if error.status == 404:
            raise
        messages.error(request, error.detail)
    else:
        messages.success(request, f"Sending it again to {access_delivery(found.id, desk.merchant).endpoint.url}.")
    return redirect(reverse("merchant_delivery", args=[delivery_id]))
