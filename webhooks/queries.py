"""Reads of merchants' events, endpoints and deliveries. Objects of other merchants count as not found."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from checkout.coarse import load_declined, load_rejected
from checkout.models import Checkout, Order
from checkout.queries import begins_with
from core.compiled import compiled
from core.db import rows
from core.errors import NotFound
from core.ids import parse_id
from merchants.models import Merchant, Settlement
from plans.returns import as_shops_read, get_return
from webhooks import rules
from webhooks.models import Attempt, Delivery, Endpoint, MerchantEvent
from webhooks.states import DeliveryStatus

PAGE = 50


DELIVERIES_WAIT = f"""EXISTS (
    SELECT 1 FROM webhooks_delivery d JOIN webhooks_endpoint e ON e.id = d.endpoint_id
    WHERE e.disabled_at IS NULL AND e.removed_at IS NULL AND d.status = '{DeliveryStatus.WAITING}' AND d.next_at <= %(wall)s
        AND (d.claimed_until IS NULL OR d.claimed_until <= %(wall)s))"""  # noqa: S608
"""The SQL condition that is true while at least one delivery is due."""


def list_events(merchant: Merchant, *, after: int = 0, limit: int = PAGE) -> list[MerchantEvent]:
    """Return a merchant's events with a sequence number above `after`, in order and without gaps."""
    return list(MerchantEvent.objects.filter(merchant=merchant, sequence__gt=after).order_by("sequence")[:limit])


def access_event(event_id: uuid.UUID, merchant: Merchant) -> MerchantEvent:
    """Return a merchant's own event; NotFound."""
    found = MerchantEvent.objects.filter(id=event_id, merchant=merchant).first()
    if found is None:
        raise NotFound("There is no such event.")
    return found


def describe_event(event: MerchantEvent) -> dict[str, Any]:
    """Return an event as merchants read it, by API and by webhook alike."""
    return {
        "id": event.public_id,
        "sequence": event.sequence,
        "type": event.type,
        "created_at": rules.moment(event.created_at),
        "data": event.data,
    }


@dataclass(frozen=True, slots=True)
class EventSubject:
    """The subject of an event: the shop's own reference or our id, or the day of a statement."""

    reference: str
    statement_of: date | None = None


def subject_of(event: MerchantEvent) -> EventSubject:
    """Return the subject of an event, read from the data that merchants get."""
    data = event.data
    names = (data.get(name) for name in ("merchant_reference", "order_id", "settlement_id", "checkout_id"))
    day = data.get("date") if data.get("settlement_id") else None
    return EventSubject(str(next((name for name in names if name), "")), date.fromisoformat(day) if day else None)


def lock_counter(merchant_id: uuid.UUID) -> int:
    """Return the last sequence number of a merchant's events, locked until the transaction ends; 0 before the first."""
    return int(rows(_LOCK_COUNTER, [merchant_id])[0][0])


# The update changes nothing: it locks the row. The insert makes the row for the merchant's first event.
_LOCK_COUNTER = """
    INSERT INTO webhooks_eventcounter AS c (merchant_id, last) VALUES (%s, 0)
    ON CONFLICT (merchant_id) DO UPDATE SET last = c.last RETURNING last"""


@compiled
def endpoints_that_hear(merchant_id: uuid.UUID) -> QuerySet[Endpoint]:
    """Return a merchant's endpoints that are neither disabled nor removed; their secrets are not decrypted."""
    return Endpoint.objects.filter(merchant_id=merchant_id, disabled_at=None, removed_at=None).defer("secrets")


@compiled
def find_order(order_id: uuid.UUID) -> QuerySet[Order]:
    """Return an order."""
    return Order.objects.filter(id=order_id)


def list_endpoints(merchant: Merchant) -> list[Endpoint]:
    """Return a merchant's endpoints, the newest first, without those that were removed; their secrets are not decrypted."""
    return list(Endpoint.objects.filter(merchant=merchant, removed_at=None).defer("secrets").order_by("-id"))


def lock_endpoint_count(merchant: Merchant) -> int:
    """Return how many endpoints a merchant has, and lock the number until the transaction ends, so that no other is added."""
    Merchant.objects.select_for_update(no_key=True).only("id").get(id=merchant.pk)
    return Endpoint.objects.filter(merchant=merchant, removed_at=None).count()


def access_endpoint(endpoint_id: uuid.UUID, merchant: Merchant) -> Endpoint:
    """Return a merchant's own endpoint; NotFound."""
    return _own_endpoint(Endpoint.objects.all(), endpoint_id, merchant)


def lock_endpoint(endpoint_id: uuid.UUID, merchant: Merchant) -> Endpoint:
    """Return a merchant's own endpoint locked until the transaction ends; NotFound."""
    return _own_endpoint(Endpoint.objects.select_for_update(), endpoint_id, merchant)


def lock_endpoints(endpoint_ids: Collection[uuid.UUID]) -> list[Endpoint]:
    """Return those of the endpoints that are neither disabled nor removed, locked until the transaction ends, ordered by id."""
    if not endpoint_ids:
        return []
    return list(Endpoint.objects.select_for_update().filter(id__in=endpoint_ids, disabled_at=None, removed_at=None).order_by("id"))


def _own_endpoint(endpoints: QuerySet[Endpoint], endpoint_id: uuid.UUID, merchant: Merchant) -> Endpoint:
    found = endpoints.filter(id=endpoint_id, merchant=merchant, removed_at=None).first()
    if found is None:
        raise NotFound("There is no such webhook endpoint.")
    return found


def list_deliveries(endpoint: Endpoint, *, before: uuid.UUID | None = None, limit: int = PAGE) -> list[Delivery]:
    """Return an endpoint's deliveries with their events, the newest first; `before` is the last id of the previous page."""
    found = Delivery.objects.filter(endpoint=endpoint).select_related("event").order_by("-id")
    return list((found.filter(id__lt=before) if before else found)[:limit])


def list_deliveries_about(order: Order, parts: Collection[str], *, limit: int = PAGE) -> list[Delivery]:
    """Return the deliveries about an order and its parts (public ids of captures, refunds, its checkout, its plan), the newest first.

    `made` counts the tries of all their series. Endpoints' secrets are not decrypted.
    """
    kinds, subjects = set(rules.EVENT_TYPES.values()), [order.public_id, *parts]
    named = Q(source__in=[f"{kind}:{subject}" for kind in kinds - rules.REPEATING for subject in subjects])
    again = begins_with("source", [f"{kind}:{subject}:" for kind in rules.REPEATING for subject in subjects])
    events = MerchantEvent.objects.filter(named | again, merchant_id=order.merchant_id)
    found = (
        Delivery.objects.filter(event__in=events)
        .select_related("event", "endpoint")
        .defer("endpoint__secrets")
        .annotate(made=Count("attempts"))
    )
    return list(found.order_by("-id")[:limit])


def access_delivery(delivery_id: uuid.UUID, merchant: Merchant) -> Delivery:
    """Return a merchant's own delivery with its event, endpoint and attempts (oldest first); NotFound."""
    attempts = Prefetch("attempts", Attempt.objects.order_by("id"))
    return _own_delivery(Delivery.objects.select_related("event", "endpoint").prefetch_related(attempts), delivery_id, merchant)


def lock_delivery(delivery_id: uuid.UUID, merchant: Merchant) -> Delivery:
    """Return a merchant's own delivery with its endpoint, locked until the transaction ends; NotFound."""
    return _own_delivery(Delivery.objects.select_related("endpoint").select_for_update(of=("self",)), delivery_id, merchant)


def _own_delivery(deliveries: QuerySet[Delivery], delivery_id: uuid.UUID, merchant: Merchant) -> Delivery:
    found = deliveries.filter(id=delivery_id, endpoint__merchant=merchant, endpoint__removed_at=None).first()
    if found is None:
        raise NotFound("There is no such webhook delivery.")
    return found


def describe_checkout(checkout_id: str) -> dict[str, Any]:
    """Return a checkout's data for an event, as it is now."""
    checkout = Checkout.objects.get(id=parse_id("chk", checkout_id))
    declined = load_declined([checkout])
    return {
        "checkout_id": checkout_id,
        "merchant_reference": checkout.merchant_reference,
        "status": checkout.status,
        "declined": declined.get(checkout.pk),
        "currency": checkout.currency,
        "amount": checkout.amount_minor,
    }


def describe_order(order: Order) -> dict[str, Any]:
    """Return an order's data for an event, as it is now; amounts in minor units."""
    return {
        "order_id": order.public_id,
        "checkout_id": Checkout(id=order.checkout_id).public_id,
        "merchant_reference": order.merchant_reference,
        "status": order.status,
        "declined": load_rejected([order]).get(order.pk),
        "currency": order.currency,
        "amount": order.amount_minor,
        "captured": order.captured_minor,
        "refunded": order.refunded_minor,
        "released": order.released_minor,
        "remaining_authorized": order.remaining_authorized_minor,
        "expires_at": order.expires_at and rules.moment(order.expires_at),
    }


def describe_return(return_id: str) -> dict[str, Any]:
    """Return a return's data for an event, as it is now."""
    shown = as_shops_read(get_return(return_id))
    return {name: rules.moment(value) if isinstance(value, datetime) else value for name, value in shown.items()}


def describe_settlement(settlement_id: str) -> dict[str, Any]:
    """Return a settlement's data for an event; amounts in minor units."""
    settlement = Settlement.objects.get(id=parse_id("set", settlement_id))
    return {
        "settlement_id": settlement_id,
        "date": settlement.date.isoformat(),
        "currency": settlement.currency,
        "opening": settlement.opening_minor,
        "payout": settlement.payout_minor,
        "closing": settlement.closing_minor,
    }
