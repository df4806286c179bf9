"""The operators' door to movements at gateways."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin, display
from core.money import Money
from payments.models import Charge, Movement, Payout, Refund


class MovementAdmin(ReadOnlyAdmin):
    """What was asked of a gateway, and what it answered."""

    list_display = ("public_id", "reference", "amount", "status", "failure", "created_at")
    list_filter = ("status", "gateway", "currency")
    search_fields = ("reference", "gateway_ref")
    ordering = ("-id",)

    @display(description="Amount", ordering="amount_minor")
    def amount(self, movement: Movement) -> str:
        """Show the amount as money."""
        return Money(movement.amount_minor, movement.currency).text()


admin.site.register([Charge, Refund, Payout], MovementAdmin)
