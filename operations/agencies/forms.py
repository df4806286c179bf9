"""The forms of money between agencies and us."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from collection.agency_lines import MOST_BYTES
from core.amounts import AmountField, NumberField
from core.moments import desk_locale

_ACCEPT = {"accept": ".csv,.json,.txt,text/csv,application/json"}
_TEXT = {"rows": 2}


def _content(file: Any) -> bytes:
    content: bytes = file.read(MOST_BYTES + 1) if file else b""
    return content


class ReportForm(forms.Form):
    """A file that an agency sent."""

    file = forms.FileField(label=_("File of the agency (CSV or JSON)"), max_length=100, widget=forms.ClearableFileInput(attrs=_ACCEPT))

    def clean_file(self) -> bytes:
        """Return what is in the file."""
        return _content(self.cleaned_data["file"])


class RemittanceForm(forms.Form):
    """Money between the agency and us on our bank account, with the agency's list."""

    WAYS = [("in", _("Received from the agency")), ("out", _("Share sent to the agency"))]

    def __init__(self, *args: Any, currency: str, today: date, **options: Any) -> None:
        super().__init__(*args, **options | {"prefix": "money"})
        self.fields["way"] = forms.ChoiceField(choices=self.WAYS, label=_("Which way"))
        self.fields["amount_minor"] = AmountField(currency=currency, locale=desk_locale(), label=_("Amount"))
        day = forms.DateInput(attrs={"type": "date", "max": today.isoformat()}, format="%Y-%m-%d")
        self.fields["received_on"] = forms.DateField(widget=day, initial=today, label=_("Received or sent on"))
        self.fields["bank_reference"] = forms.CharField(max_length=60, label=_("What the bank calls it"))
        self.fields["file"] = forms.FileField(
            label=_("List of the agency (CSV or JSON)"), required=False, max_length=100, widget=forms.ClearableFileInput(attrs=_ACCEPT)
        )
        self.fields["reason"] = forms.CharField(max_length=500, label=_("What you found"), widget=forms.Textarea(attrs=_TEXT))

    def clean_file(self) -> bytes:
        """Return what is in the file; nothing without one."""
        return _content(self.cleaned_data["file"])


class TermsForm(forms.Form):
    """Other terms of a contract, from a day on."""

    def __init__(self, *args: Any, today: date, **options: Any) -> None:
        super().__init__(*args, **options | {"prefix": "terms"})
        day = forms.DateInput(attrs={"type": "date", "min": (today + timedelta(days=1)).isoformat()}, format="%Y-%m-%d")
        self.fields["valid_from"] = forms.DateField(widget=day, label=_("From this day on"))
        share = NumberField(decimals=2, locale=desk_locale(), most=10_000, label=_("Its share of what it brings, in percent"))
        self.fields["rate_bps"] = share
        self.fields["counts_direct"] = forms.BooleanField(required=False, label=_("Also of what people pay to us while it has their debt"))
        self.fields["remits_net"] = forms.BooleanField(required=False, label=_("It keeps its share of what it sends us"))
