"""Admin pages of movements at gateways, for operators."""

from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from accounts.lists import brand_column, brand_filter, with_brand
from core.admin import Column, ReadOnlyAdmin, display, moment_column, money_column, status_column, text_column, word_column
from core.longlists import one_of
from core.moments import amount_words, moment_words
from payments.models import Authorization, CardTry, Charge, Movement
from payments.queries import list_turns
from payments.states import DISPUTE, MOVEMENT, MOVEMENT_OPEN
from payments.texts import bank_heading

FAILURE = word_column("failure", _("Why it failed"), bank_heading)
REASON = word_column("reason", _("Reason"), bank_heading)


class MovementAdmin(ReadOnlyAdmin):
    """Requests to a gateway and its answers."""

    list_display: tuple[Column, ...] = (
        text_column("public_id", _("Id")),
        text_column("reference", _("For")),
        status_column(),
        FAILURE,
        moment_column("created_at", _("Asked")),
        money_column("amount_minor", _("Amount")),
    )
    list_filter: tuple[Any, ...] = (one_of("status", MOVEMENT.choices),)
    search_fields = ("reference__startswith",)
    search_help_text = _("Its id, or the id of what it is for")
    ordering = ("-id",)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one movement under the name of its list."""
        named = {"title": self.model._meta.verbose_name_plural}
        return super().change_view(request, object_id, form_url, named | (extra_context or {}))

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str | Column]:
        """Show the reason of a failure in words, and below the other fields the movement's turns, if it has any."""
        turned = isinstance(obj, Movement) and bool(list_turns(obj))
        fields = [FAILURE if name == "failure" else name for name in super().get_fields(request, obj)]
        return [*fields, *(["turns"] if turned else [])]

    @display(description=_("What became of it"))
    def turns(self, row: Movement) -> str:
        """List the turns, oldest first: time, kind and amount."""
        told = [
            (moment_words(turn.at), turn.get_kind_display(), amount_words(turn.amount_minor, turn.currency)) for turn in list_turns(row)
        ]
        return format_html_join("", "<div>{}: {}, {}</div>", told)


class ChargeAdmin(MovementAdmin):
    """Charges, with the payer's brand."""

    list_display = (*MovementAdmin.list_display[:2], brand_column(), *MovementAdmin.list_display[2:])
    list_filter = (*MovementAdmin.list_filter, brand_filter("payment_method__consumer"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Charge]:
        """Load the brand with each charge."""
        return with_brand(super().get_queryset(request), "payment_method__consumer")


class HoldAdmin(MovementAdmin):
    """Holds on cards whose gateway has not answered; every hold has its page."""

    nothing = (_("Every hold has its answer"), _("Holds on cards whose gateway has not answered come here."))
    list_filter = ()
    ordering = ("created_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Authorization]:
        """List only holds without an answer, oldest first: all others lapse by themselves, and their number is unlimited."""
        found: QuerySet[Authorization] = super().get_queryset(request)
        return found.filter(status__in=MOVEMENT_OPEN)


class DisputeAdmin(ReadOnlyAdmin):
    """Charges that their cardholders dispute at the bank."""

    nothing = (_("Nobody disputes a payment"), _("What is disputed at a bank comes here."))
    list_display = (
        text_column("public_id", _("Id")),
        text_column("reference", _("For")),
        status_column(),
        REASON,
        moment_column("opened_at", _("Since")),
        money_column("amount_minor", _("Amount")),
    )
    list_filter = (one_of("status", DISPUTE.choices),)
    search_fields = ("reference__startswith",)
    search_help_text = _("Its id, or the id of what the charge was for")
    ordering = ("-id",)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str | Column]:
        """Show the reason in words."""
        return [REASON if name == "reason" else name for name in super().get_fields(request, obj)]


class CardTryAdmin(ReadOnlyAdmin):
    """Cards that were declined while somebody tried them, one row for each try."""

    nothing = (_("No card was declined lately"), _("Cards that are declined while somebody tries them come here."))
    list_display = (
        moment_column("at", _("Declined")),
        text_column("consumer", _("Account")),
        "network",
        "browser",
    )
    list_select_related = ("consumer",)
    ordering = ("-id",)

    @display(description=_("Network"))
    def network(self, row: CardTry) -> str:
        """Return the start of the network's hash: enough to group lines, and too little to identify anybody."""
        return row.network_hash[:8] or "-"

    @display(description=_("Browser"))
    def browser(self, row: CardTry) -> str:
        """Return the start of the browser's hash."""
        return row.device_hash[:8] or "-"
