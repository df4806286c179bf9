"""The operators' door to markets."""

from django.contrib import admin
from unfold.admin import TabularInline

from core.admin import ReadOnlyAdmin
from markets.models import Market, MarketSetting


class SettingInline(TabularInline):  # type: ignore[misc]  # the theme is untyped
    """The law's numbers in a market."""

    model = MarketSetting
    fields = ("key", "value", "valid_from", "valid_to", "source", "note")
    extra = 0
    can_delete = False


@admin.register(Market)
class MarketAdmin(ReadOnlyAdmin):
    """Markets with their dated settings."""

    list_display = ("code", "name", "currency", "locale", "law")
    inlines = (SettingInline,)
