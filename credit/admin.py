"""The operators' door to credit decisions."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin, display
from core.money import Money
from credit.models import CreditLine, Decision


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    """Every decision with what it was made from."""

    list_display = ("public_id", "outcome", "amount", "score", "at")
    list_filter = ("outcome", "currency")
    search_fields = ("reference",)
    ordering = ("-id",)

    @display(description="Amount")
    def amount(self, decision: Decision) -> str:
        """Show the amount as money."""
        return Money(decision.amount_minor, decision.currency).text()


@admin.register(CreditLine)
class CreditLineAdmin(ReadOnlyAdmin):
    """Limits and what of them is in use."""

    list_display = ("consumer", "currency", "limit_minor", "used_minor", "order_limit_minor", "decided_at")
    list_filter = ("currency",)
    list_select_related = ("consumer",)
