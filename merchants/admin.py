"""The back office's pages of merchants."""

from django.contrib import admin
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from core.admin import ReadOnlyAdmin, date_column, moment_column, money_column, percent_column, text_column
from merchants.models import Merchant, Settlement


@admin.register(Merchant)
class MerchantAdmin(ReadOnlyAdmin):
    """Merchants to look up."""

    list_display = ("name", "market", "currency", percent_column("fee_bps", "Fee"), "active", moment_column("created_at", "Since"))
    list_filter = ("market", "active")
    search_fields = ("name", "legal_name")
    list_select_related = ("market",)


@admin.register(Settlement)
class SettlementAdmin(ReadOnlyAdmin):
    """Statements of merchants."""

    list_display = (
        text_column("merchant", "Shop"),
        date_column("date", "Date"),
        money_column("sales_minor", "Sales", "sales"),
        money_column("returns_minor", "Returns", "returns"),
        money_column("fees_minor", "Fees", "fees"),
        money_column("payout_minor", "Paid out", "payout"),
        money_column("closing_minor", "Balance after", "balance"),
    )
    list_filter = (("merchant", AutocompleteSelectFilter),)
    list_select_related = ("merchant",)
