"""The back office's pages of markets."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin, ReadOnlyInline
from markets.models import ExchangeRate, Market, MarketSetting


class SettingInline(ReadOnlyInline):
    """The legal parameters of a market."""

    model = MarketSetting
    shown = ("key", "value", "valid_from", "valid_to", "source", "note")


@admin.register(Market)
class MarketAdmin(ReadOnlyAdmin):
    """Markets with their dated settings."""

    list_display = ("code", "name", "currency", "locale", "law")
    inlines = (SettingInline,)


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ReadOnlyAdmin):
    """Exchange rates, by which open amounts in other currencies count against a limit."""

    list_display = ("currency", "date", "per_euro_e8", "source")
