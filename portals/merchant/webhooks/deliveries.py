"""The log of webhooks: events, deliveries with every attempt, and resending."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from core.clock import wall
from core.errors import DomainError
from core.formats import relative_time_text
from core.ids import parse_id
from portals.merchant.frame import Desk, merchant_page, show
from portals.merchant.paging import BY_NUMBER, slice_of
from portals.merchant.webhooks.page import delivery_pill, delivery_row, endpoint_row, event_row, payload_of, try_of
from portals.merchant.webhooks.queries import deliveries_of, find_events
from webhooks import services as hooks
from webhooks.models import Delivery, MerchantEvent
from webhooks.queries import access_delivery, access_event
from webhooks.rules import RETRY_S
from webhooks.states import DeliveryStatus


@merchant_page("GET", needs="webhooks.write")
def events(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List the shop's events, the latest number first."""
    page = slice_of(find_events(desk.merchant), request, place=BY_NUMBER)
    context = {"events": [event_row(event, desk.locale) for event in page.rows], "newer": page.newer, "older": page.older}
    return show(request, desk, "webhooks/events", "webhooks", context)


@merchant_page("GET", needs="webhooks.write")
def event(request: HttpRequest, desk: Desk, event_id: str) -> HttpResponse:
    """Show an event's payload, and its deliveries."""
    found = access_event(parse_id(MerchantEvent.PREFIX, event_id), desk.merchant)
    context = {
        "event": event_row(found, desk.locale),
        "payload": [("JSON", payload_of(found))],
        "deliveries": [delivery_row(delivery, of_event=True) for delivery in deliveries_of(found)],
    }
    return show(request, desk, "webhooks/event", "webhooks", context)


@merchant_page("GET", needs="webhooks.write")
def delivery(request: HttpRequest, desk: Desk, delivery_id: str) -> HttpResponse:
    """Show a delivery: its payload, and the result of each attempt."""
    found = access_delivery(parse_id(Delivery.PREFIX, delivery_id), desk.merchant)
    text, tone = delivery_pill(found)
    context = {
        "delivery_id": found.public_id,
        "made": len(found.attempts.all()),
        "coming": found.tries + 1,
        "resent_at": found.resent_at,
        "event": event_row(found.event, desk.locale),
        "endpoint": endpoint_row(found.endpoint),
        "pill": text,
        "tone": tone,
        "payload": [("JSON", payload_of(found.event))],
        "attempts": [try_of(attempt) for attempt in list(found.attempts.all())[::-1]],
        "goes_on": found.status == DeliveryStatus.WAITING,
        "most_tries": len(RETRY_S) + 1,
        # Attempts use real time, the rest of the page the product's clock; the time until the next attempt is the same in both.
        "next_try": relative_time_text(max(found.next_at, wall()), wall(), desk.locale),
    }
    return show(request, desk, "webhooks/delivery", "webhooks", context)


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
        messages.success(request, gettext("Sending it again to %(url)s.") % {"url": access_delivery(found.id, desk.merchant).endpoint.url})
    return redirect(reverse("merchant_delivery", args=[delivery_id]))
