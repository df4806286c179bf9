"""The back office's pages of markets."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from markets.models import ExchangeRate


class MarketAdmin(ReadOnlyAdmin):
    """Markets with their dated settings."""

    list_display = ("code", "name", "currency", "locale", "law")


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ReadOnlyAdmin):
    """Exchange rates, by which open amounts in other currencies count against a limit."""

    list_display = ("currency", "date", "per_euro_e8", "source")
