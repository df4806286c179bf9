"""Queries of events and deliveries, each limited to one shop."""

from django.db.models import Count, QuerySet

from merchants.models import Merchant
from webhooks.models import Delivery, Endpoint, MerchantEvent


def find_events(merchant: Merchant) -> QuerySet[MerchantEvent]:
    """Return a shop's events, unordered."""
    return MerchantEvent.objects.filter(merchant=merchant)


def find_deliveries(endpoint: Endpoint) -> QuerySet[Delivery]:
    """Return an endpoint's deliveries with their events, unordered; `made` counts all attempts, including those before a resend."""
    return Delivery.objects.filter(endpoint=endpoint).select_related("event").annotate(made=Count("attempts"))


def deliveries_of(event: MerchantEvent) -> list[Delivery]:
    """Return the deliveries of an event; `made` counts all attempts, including those before a resend."""
    found = Delivery.objects.filter(event=event, endpoint__removed_at=None).select_related("endpoint")
    return list(found.annotate(made=Count("attempts")).order_by("id"))
