"""Forms of an order's page: a refund, and the end of an order in the shop's place."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checkout.models import Order
from core.moments import amount_words
from core.money import exponent


class RefundForm(forms.Form):
    """An amount in units of the order's currency, and why it is given back."""

    amount = forms.DecimalField(min_value=Decimal("0.01"), max_digits=14, label=gettext_lazy("Amount"))
    reason = forms.CharField(max_length=200, label=gettext_lazy("Reason, as the shop and the person read it"))

    def __init__(self, *args: Any, order: Order, **options: Any) -> None:
        super().__init__(*args, **options)
        self.order = order

    def clean_amount(self) -> int:
        """Return the amount in minor units; refuse more than can be refunded."""
        places = exponent(self.order.currency)
        minor = self.cleaned_data["amount"].scaleb(places)
        if minor != minor.to_integral_value() or not minor:
            raise forms.ValidationError(_("Enter an amount, such as 57.25."))
        if minor > self.order.refundable_minor:
            most = amount_words(self.order.refundable_minor, self.order.currency)
            raise forms.ValidationError(_("At most %(amount)s can be refunded.") % {"amount": most})
        return int(minor)
