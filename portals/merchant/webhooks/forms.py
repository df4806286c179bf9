"""The form of an endpoint."""

from django import forms
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from portals.forms import PLAIN
from webhooks.texts import EVENTS, named_event


def named_events() -> list[tuple[str, SafeString]]:
    """Return the types of events, each with its name."""
    return [(name, named_event(name)) for name in sorted(EVENTS)]


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
        choices=named_events,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose none to get all of them."),
    )
