"""The operators' door to movements at gateways."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin, moment_column, money_column, status_column, text_column, words_column
from core.longlists import one_of
from payments.models import CardTry, Charge, Dispute, Payout, Refund
from payments.states import DISPUTE, MOVEMENT


class MovementAdmin(ReadOnlyAdmin):
    """What was asked of a gateway, and what it answered."""

    list_display = (
        text_column("public_id", "Id"),
        text_column("reference", "For"),
        status_column(),
        "failure",
        moment_column("created_at", "Asked"),
        money_column("amount_minor", "Amount"),
    )
    list_filter = (one_of("status", MOVEMENT.choices),)
    search_fields = ("reference__startswith",)
    search_help_text = "Its id, or the id of what it is for"
    ordering = ("-id",)


admin.site.register([Charge, Refund, Payout], MovementAdmin)


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    """Charges that their cardholders dispute at the bank."""

    nothing = ("Nobody disputes a payment", "What is disputed at a bank comes here.")
    list_display = (
        text_column("public_id", "Id"),
        text_column("reference", "For"),
        status_column(),
        words_column("reason", "Reason"),
        moment_column("opened_at", "Since"),
        money_column("amount_minor", "Amount"),
    )
    list_filter = (one_of("status", DISPUTE.choices),)
    search_fields = ("reference__startswith",)
    search_help_text = "Its id, or the id of what the charge was for"
    ordering = ("-id",)


@admin.register(CardTry)
class CardTryAdmin(ReadOnlyAdmin):
    """Cards that were declined while somebody tried them: who tries many stands here many times."""

    nothing = ("No card was declined lately", "Cards that are declined while somebody tries them come here.")
    list_display = (
        text_column("consumer", "Account"),
        "network",
        "browser",
        moment_column("at", "Declined"),
    )
    list_select_related = ("consumer",)
    ordering = ("-id",)

    @admin.display(description="Network")
    def network(self, row: CardTry) -> str:
        """Return a mark of the network, by which lines belong together and nobody is found."""
        return row.network_hash[:8] or "-"

    @admin.display(description="Browser")
    def browser(self, row: CardTry) -> str:
        """Return a mark of the browser."""
        return row.device_hash[:8] or "-"
