"""The back office's pages of markets."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin import ReadOnlyAdmin, display
from markets.models import ExchangeRate, Market


class MarketAdmin(ReadOnlyAdmin):
    """Markets with their dated settings."""

    list_display = ("code", "country", "currency", "locale", "law")

    @display(description=_("Name"))
    def country(self, row: Market) -> str:
        """Show the country's name."""
        return row.country


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ReadOnlyAdmin):
    """Exchange rates, by which open amounts in other currencies count against a limit."""

    list_display = ("currency", "date", "per_euro_e8", "source")
