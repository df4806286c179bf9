"""Read-only admin pages of the ledger, for operators."""

from django.utils.translation import gettext_lazy as _

from core.admin import ReadOnlyAdmin, ReadOnlyInline, moment_column, text_column, words_column
from core.longlists import one_of
from ledger.models import Line

ENTRIES = ("capture", "charge", "refund", "card_refund", "rebate", "settlement", "payout", "bounce")
ACCOUNTS = (
    *("cash", "receivable", "merchant_payable", "payouts_in_transit", "refunds_payable", "unearned_interest", "fee_income"),
    "interest_income",
)


class LineInline(ReadOnlyInline):
    """An entry's lines, debits positive."""

    model = Line
    shown = ("account", "currency", "amount_minor")


class EntryAdmin(ReadOnlyAdmin):
    """All entries, with their lines."""

    list_display = (words_column("kind", _("What")), text_column("source", _("From")), moment_column("at", _("When")))
    list_filter = (one_of("kind", ENTRIES),)
    search_fields = ("source__startswith",)
    inlines = (LineInline,)
    ordering = ("-id",)


class AccountAdmin(ReadOnlyAdmin):
    """The accounts of the ledger."""

    list_display = (words_column("kind", _("Account")), "owner", "currency")
    list_filter = (one_of("kind", ACCOUNTS),)
    search_fields = ("owner__startswith",)
