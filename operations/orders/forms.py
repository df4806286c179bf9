"""The forms of an order's page: a refund, and a void or release on the shop's behalf."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from checkout.models import Order
from core.amounts import AmountField
from core.moments import amount_words, desk_locale


class RefundForm(forms.Form):
    """The amount in units of the order's currency (`12.50`, in German `12,50`), and the reason."""

    def __init__(self, *args: Any, order: Order, **options: Any) -> None:
        super().__init__(*args, **options)
        self.order = order
        self.fields["amount"] = AmountField(currency=order.currency, locale=desk_locale(), label=_("Amount"))
        self.fields["reason"] = forms.CharField(max_length=200, label=_("Reason, as the shop and the person read it"))

    def clean_amount(self) -> int:
        """Return the amount in minor units; refuse more than can be refunded."""
        minor: int = self.cleaned_data["amount"]
        if minor > self.order.refundable_minor:
            most = amount_words(self.order.refundable_minor, self.order.currency)
            raise forms.ValidationError(_("At most %(amount)s can be refunded.") % {"amount": most})
        return minor
