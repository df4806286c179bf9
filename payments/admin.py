"""Admin pages of movements at gateways, for operators."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from core.admin import Column, ReadOnlyAdmin, display, moment_column, money_column, status_column, text_column, words_column
from core.longlists import one_of
from payments.models import CardTry, Dispute, Movement, Payout, Refund
from payments.queries import list_turns
from payments.states import DISPUTE, MOVEMENT


class MovementAdmin(ReadOnlyAdmin):
    """Requests to a gateway and its answers."""

    list_display = (
        text_column("public_id", _("Id")),
        text_column("reference", _("For")),
        status_column(),
        "failure",
        moment_column("created_at", _("Asked")),
        money_column("amount_minor", _("Amount")),
    )
    list_filter = (one_of("status", MOVEMENT.choices),)
    search_fields = ("reference__startswith",)
    search_help_text = _("Its id, or the id of what it is for")
    ordering = ("-id",)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str | Column]:
        """Show the turns of a movement below the other fields if it has any."""
        turned = isinstance(obj, Movement) and bool(list_turns(obj))
        return [*super().get_fields(request, obj), *(["turns"] if turned else [])]

    @display(description=_("What became of it"))
    def turns(self, row: Movement) -> str:
        """List the turns, oldest first: time, kind and amount."""
        told = [(f"{turn.at:%b %-d, %Y %H:%M} UTC", str(turn)) for turn in list_turns(row)]
        return format_html_join("", "<div>{}: {}</div>", told)


admin.site.register([Refund, Payout], MovementAdmin)


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    """Charges that their cardholders dispute at the bank."""

    nothing = (_("Nobody disputes a payment"), _("What is disputed at a bank comes here."))
    list_display = (
        text_column("public_id", _("Id")),
        text_column("reference", _("For")),
        status_column(),
        words_column("reason", _("Reason")),
        moment_column("opened_at", _("Since")),
        money_column("amount_minor", _("Amount")),
    )
    list_filter = (one_of("status", DISPUTE.choices),)
    search_fields = ("reference__startswith",)
    search_help_text = _("Its id, or the id of what the charge was for")
    ordering = ("-id",)


@admin.register(CardTry)
class CardTryAdmin(ReadOnlyAdmin):
    """Cards that were declined while somebody tried them, one row for each try."""

    nothing = (_("No card was declined lately"), _("Cards that are declined while somebody tries them come here."))
    list_display = (
        text_column("consumer", _("Account")),
        "network",
        "browser",
        moment_column("at", _("Declined")),
    )
    list_select_related = ("consumer",)
    ordering = ("-id",)

    @admin.display(description=_("Network"))
    def network(self, row: CardTry) -> str:
        """Return the start of the network's hash: it groups lines and identifies nobody."""
        return row.network_hash[:8] or "-"

    @admin.display(description=_("Browser"))
    def browser(self, row: CardTry) -> str:
        """Return the start of the browser's hash."""
        return row.device_hash[:8] or "-"
