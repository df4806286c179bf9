"""The form of an endpoint."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portals.forms import PLAIN
from webhooks.rules import EVENT_TYPES


class EndpointForm(forms.Form):
    """A webhook's address and its event types."""

    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.TextInput(attrs={**PLAIN, "inputmode": "url", "placeholder": "https://shop.example/webhooks"}),
        error_messages={"required": _("Enter the address that takes the events.")},
    )
    events = forms.MultipleChoiceField(
        label=_("Events"),
        required=False,
        choices=[(name, name) for name in sorted(EVENT_TYPES.values())],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose none to get all of them."),
    )
