"""The forms of an order's page, a refund on the shop's behalf, and of a plan's page, a promise to pay."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from checkout.models import Order
from collection.promises import Room
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


class PromiseForm(forms.Form):
    """What a person promises to pay of a late plan, in units of its currency, and on which day."""

    def __init__(self, *args: Any, room: Room, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        label = _("Amount, %(currency)s") % {"currency": currency}
        self.fields["amount"] = AmountField(currency=currency, locale=desk_locale(), label=label, initial=room.late_minor)
        bounds = {"type": "date", "min": room.first.isoformat(), "max": room.last.isoformat()}
        self.fields["day"] = forms.DateField(label=_("The person pays on"), widget=forms.DateInput(attrs=bounds, format="%Y-%m-%d"))
