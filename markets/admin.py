"""The back office's pages of markets."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from core.admin import ReadOnlyAdmin, ReadOnlyInline, display
from core.readable import readable
from core.sentences import translated
from markets.models import ExchangeRate, Market, MarketSetting


class SettingInline(ReadOnlyInline):
    """The legal parameters of a market."""

    model = MarketSetting
    shown = ("name", "terms", "valid_from", "valid_to", "law")

    @display(description=_("Setting"))
    def name(self, row: MarketSetting) -> str:
        """Show the setting's key, which stands in code and data."""
        return format_html("<code>{}</code>", row.key)

    @display(description=_("Value"))
    def terms(self, row: MarketSetting) -> str:
        """Show the value with the names of its parts, in English as they stand in the data."""
        with override("en"):
            return format_html('<span lang="en">{}</span>', readable(row.value, row.market.currency))

    @display(description=_("Source and note"))
    def law(self, row: MarketSetting) -> str:
        """Show where the value comes from; lawyers' notes are kept in English."""
        return format_html('<span lang="en">{}</span>', ". ".join(filter(None, (row.source, row.note))))


@admin.register(Market)
class MarketAdmin(ReadOnlyAdmin):
    """Markets with their dated settings."""

    list_display = ("code", "country", "currency", "locale", "law")
    inlines = (SettingInline,)
    fields = (
        *("country", "code", "currency", "locale", "time_zone", "law", "minimum_age"),
        *("postal_code_name", "postal_code_example", "region_name"),
    )

    @display(description=_("Name"))
    def country(self, row: Market) -> str:
        """Show the country's name."""
        return row.country

    @display(description=_("Postal code"))
    def postal_code_name(self, row: Market) -> str:
        """Show what a postal code is called."""
        return translated(row.postal_code_label)

    @display(description=_("State"))
    def region_name(self, row: Market) -> str:
        """Show what the state in an address is called; empty where addresses have none."""
        return translated(row.region_label)


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ReadOnlyAdmin):
    """Exchange rates, by which open amounts in other currencies count against a limit."""

    list_display = ("currency", "date", "per_euro_e8", "source")
