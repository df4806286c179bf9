"""Queries of statements."""

from django.db.models import QuerySet

from merchants.models import Settlement, SettlementItem


def lines_of(settlement: Settlement) -> QuerySet[SettlementItem]:
    """Return the lines of a statement, unordered."""
    return SettlementItem.objects.filter(settlement=settlement)
