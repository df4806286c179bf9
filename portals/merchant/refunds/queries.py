"""Queries of refunds, limited to one shop."""

from django.db.models import QuerySet

from checkout.models import Refund
from merchants.models import Merchant


def find_refunds(merchant: Merchant) -> QuerySet[Refund]:
    """Return a shop's refunds with their orders and customers, unordered."""
    found = Refund.objects.filter(merchant=merchant).select_related("order__consumer")
    return found.defer("order__consumer__birth_date", "order__consumer__address")
