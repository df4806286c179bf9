"""The operators' door to merchants."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from merchants.models import Merchant, Settlement


@admin.register(Merchant)
class MerchantAdmin(ReadOnlyAdmin):
    """Merchants to look up."""

    list_display = ("name", "market", "currency", "fee_bps", "active", "created_at")
    list_filter = ("market", "active")
    search_fields = ("name", "legal_name")
    list_select_related = ("market",)


@admin.register(Settlement)
class SettlementAdmin(ReadOnlyAdmin):
    """Statements of merchants."""

    list_display = ("merchant", "date", "currency", "sales_minor", "returns_minor", "fees_minor", "payout_minor", "closing_minor")
    list_filter = ("merchant", "currency")
    list_select_related = ("merchant",)
    ordering = ("-date", "-id")
