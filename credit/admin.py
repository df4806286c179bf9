"""Admin pages of credit decisions, for operators."""

from django.utils.translation import gettext_lazy as _

from core.admin import ReadOnlyAdmin, moment_column, money_column, status_column, text_column


class DecisionAdmin(ReadOnlyAdmin):
    """Every decision with its inputs."""

    list_display = (
        text_column("public_id", _("Decision")),
        status_column("outcome", _("Outcome")),
        "score",
        moment_column("at", _("Decided")),
        money_column("amount_minor", _("Amount")),
    )
    list_filter = ("outcome",)
    search_fields = ("reference__startswith",)
    ordering = ("-id",)


class CreditLineAdmin(ReadOnlyAdmin):
    """Credit limits and their used amounts."""

    list_display = (
        "consumer",
        moment_column("decided_at", _("Decided")),
        money_column("limit_minor", _("Limit"), "limit"),
        money_column("used_minor", _("In use"), "in_use"),
        money_column("order_limit_minor", _("Order limit"), "order_limit"),
    )
    list_select_related = ("consumer",)
