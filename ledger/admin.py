"""The operators' door to the books: to look, never to write."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin, ReadOnlyInline, moment_column, text_column, words_column
from ledger.models import Account, Entry, Line


class LineInline(ReadOnlyInline):
    """An entry's lines, debits positive."""

    model = Line
    shown = ("account", "currency", "amount_minor")


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
