"""The back office's pages of markets."""

from django.utils.translation import gettext_lazy as _

from core.admin import ReadOnlyAdmin, date_column, display
from markets.models import ExchangeRate, Market
from markets.texts import euro_words


class MarketAdmin(ReadOnlyAdmin):
    """Markets with their dated settings."""

    list_display = ("code", "country", "currency", "locale", "law")

    @display(description=_("Name"))
    def country(self, row: Market) -> str:
        """Show the country's name."""
        return row.country


class ExchangeRateAdmin(ReadOnlyAdmin):
    """Exchange rates, which convert open amounts in other currencies to the currency of a limit."""

    list_display = ("currency", date_column("date", _("Since")), "euro", "source")

    @display(description=_("One euro is"))
    def euro(self, row: ExchangeRate) -> str:
        """Show the value of one euro."""
        return euro_words(row)
