"""The operators' door to the books: to look, never to write."""

from django.contrib import admin
from unfold.admin import TabularInline

from core.admin import ReadOnlyAdmin, moment_column, text_column, words_column
from ledger.models import Account, Entry, Line


class LineInline(TabularInline):  # type: ignore[misc]  # the theme is untyped
    """An entry's lines, debits positive."""

    model = Line
    fields = ("account", "currency", "amount_minor")
    extra = 0
    can_delete = False


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    """Every movement, with its lines."""

    list_display = (words_column("kind", "What"), text_column("source", "From"), moment_column("at", "When"))
    list_filter = ("kind",)
    search_fields = ("source",)
    inlines = (LineInline,)
    ordering = ("-id",)


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    """The accounts of the ledger."""

    list_display = (words_column("kind", "Account"), "owner", "currency")
    list_filter = ("kind", "currency")
    search_fields = ("owner",)
