"""Read-only admin pages of the ledger, for operators."""

from django.utils.translation import gettext_lazy as _

from core.admin import ReadOnlyAdmin, ReadOnlyInline, moment_column, text_column, word_column
from core.longlists import one_of
from ledger.models import Line
from ledger.texts import ACCOUNTS, ENTRIES, account_word, entry_word


class LineInline(ReadOnlyInline):
    """An entry's lines, debits positive."""

    model = Line
    shown = ("account", "currency", "amount_minor")


class EntryAdmin(ReadOnlyAdmin):
    """All entries, with their lines."""

    list_display = (word_column("kind", _("What"), entry_word), text_column("source", _("From")), moment_column("at", _("When")))
    list_filter = (one_of("kind", ENTRIES),)
    search_fields = ("source__startswith",)
    inlines = (LineInline,)
    ordering = ("-id",)


class AccountAdmin(ReadOnlyAdmin):
    """The accounts of the ledger."""

    list_display = (word_column("kind", _("Account"), account_word), "owner", "currency")
    list_filter = (one_of("kind", ACCOUNTS),)
    search_fields = ("owner__startswith",)
