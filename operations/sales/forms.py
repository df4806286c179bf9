"""Forms of sales of debts."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.amounts import AmountField, NumberField
from core.moments import desk_locale
from plans.models import ChargeOff, SoldPlan

_TEXT = {"rows": 2}


class ListForm(forms.Form):
    """What a list takes, to whom and for how much."""

    def __init__(self, *args: Any, currency: str, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        locale = desk_locale()
        self.fields["buyer"] = forms.CharField(max_length=120, label=_("Buyer"))
        contact = forms.Textarea(attrs=_TEXT)
        self.fields["contact"] = forms.CharField(
            max_length=300, label=_("How people reach the buyer"), widget=contact, help_text=_("People read it as it is.")
        )
        self.fields["price_bps"] = NumberField(decimals=2, locale=locale, label=_("Price, in percent of what is open"))
        self.fields["warranty_days"] = forms.IntegerField(min_value=0, max_value=3650, initial=180, label=_("Days of the warranty"))
        day = forms.DateInput(attrs={"type": "date", "max": today.isoformat()}, format="%Y-%m-%d")
        self.fields["given_up_until"] = forms.DateField(widget=day, initial=today, label=_("Given up until"))
        self.fields["least_minor"] = AmountField(currency=currency, locale=locale, label=_("Owed at least"))
        self.fields["most_minor"] = AmountField(currency=currency, locale=locale, label=_("Owed at most"))
        self.fields["causes"] = forms.MultipleChoiceField(
            choices=ChargeOff.REASONS, initial=["uncollectible", "by_day"], widget=forms.CheckboxSelectMultiple, label=_("Given up because")
        )


class ReasonForm(forms.Form):
    """Why the list is to be sold."""

    reason = forms.CharField(max_length=500, label=_("What you found"), widget=forms.Textarea(attrs=_TEXT))


class ReturnForm(forms.Form):
    """Why a sold debt comes back, and for how much; the price counts only where we buy it back."""

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options | {"prefix": "return"})
        self.fields["plan"] = forms.CharField(max_length=40, label=_("Plan"))
        self.fields["cause"] = forms.ChoiceField(choices=SoldPlan.CAUSES, label=_("Why"))
        amount = AmountField(currency=currency, locale=desk_locale(), required=False, label=_("Price, if we buy it back"))
        self.fields["price_minor"] = amount
        self.fields["reason"] = forms.CharField(max_length=500, label=_("What you found"), widget=forms.Textarea(attrs=_TEXT))

    def clean(self) -> dict[str, Any]:
        """Ask for the price of what we buy back; what the warranty covers has its own."""
        told = super().clean() or {}
        if told.get("cause") == SoldPlan.BOUGHT_BACK and told.get("price_minor") is None and "price_minor" not in self.errors:
            self.add_error("price_minor", self.fields["price_minor"].error_messages["required"])
        return told


class MoneyForm(forms.Form):
    """Money between the buyer and us on our bank account."""

    WAYS = [("in", _("Received from the buyer")), ("out", _("Sent to the buyer"))]

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options | {"prefix": "money"})
        self.fields["way"] = forms.ChoiceField(choices=self.WAYS, label=_("Which way"))
        self.fields["amount_minor"] = AmountField(currency=currency, locale=desk_locale(), label=_("Amount"))
        self.fields["bank_reference"] = forms.CharField(max_length=60, label=_("What the bank calls it"))
        self.fields["reason"] = forms.CharField(max_length=500, label=_("What you found"), widget=forms.Textarea(attrs=_TEXT))
