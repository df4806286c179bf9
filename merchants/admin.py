"""The back office's pages of statements; those of shops are in `operations`, which also knows their orders and endpoints."""

from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from core.admin import ReadOnlyAdmin, date_column, money_column, text_column


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
