"""The back office's pages of merchants."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from core.admin import ReadOnlyAdmin, date_column, moment_column, money_column, percent_column, text_column
from merchants.models import Merchant, Settlement


@admin.register(Merchant)
class MerchantAdmin(ReadOnlyAdmin):
    """Merchants to look up."""

    list_display = (
        "name",
        "brand",
        "market",
        "currency",
        percent_column("fee_bps", _("Fee")),
        "active",
        moment_column("created_at", _("Since")),
    )
    list_filter = ("brand", "market", "active")
    search_fields = ("name", "legal_name")
    list_select_related = ("brand", "market")


@admin.register(Settlement)
class SettlementAdmin(ReadOnlyAdmin):
    """Statements of merchants."""

    list_display = (
        text_column("merchant", _("Shop")),
        date_column("date", _("Date")),
        money_column("sales_minor", _("Sales"), "sales"),
        money_column("returns_minor", _("Returns"), "returns"),
        money_column("fees_minor", _("Fees"), "fees"),
        money_column("payout_minor", _("Paid out"), "payout"),
        money_column("closing_minor", _("Balance after"), "balance"),
    )
    list_filter = (("merchant", AutocompleteSelectFilter),)
    list_select_related = ("merchant",)
