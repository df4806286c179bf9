"""The form of a new API key."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from merchants.rules import SCOPES
from portals.forms import PLAIN


class KeyForm(forms.Form):
    """A new API key."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        widget=forms.TextInput(attrs={**PLAIN, "placeholder": _("Online shop")}),
        help_text=_("Where the key is used, so that you know it again."),
        error_messages={"required": _("Name the key, so that you know it again.")},
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[
            ("secret", _("Secret: for your server")),
            ("publishable", _("Publishable: for your web pages, shows plans only")),
        ],
        initial="secret",
        widget=forms.RadioSelect,
    )
    scopes = forms.MultipleChoiceField(
        label=_("What a secret key does"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose as little as your server needs. A key can do no more than you can."),
    )

    def __init__(self, *args: Any, allowed: Collection[str], **kwargs: Any) -> None:
        """Offer the scopes that the key's maker may grant."""
        super().__init__(*args, **kwargs)
        offered = [scope for scope in SCOPES if scope in allowed]
        self.fields["scopes"].choices = [(scope, _scope(scope)) for scope in offered]  # type: ignore[attr-defined]
        self.fields["scopes"].initial = [scope for scope in offered if scope not in _CHOSEN_BY_HAND]

    def clean(self) -> dict[str, Any]:
        """Require at least one scope for a secret key."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if told.get("kind") == "secret" and not told.get("scopes") and "scopes" not in self.errors:
            self.add_error("scopes", _("Choose at least one thing that the key may do."))
        return told


def _scope(scope: str) -> SafeString:
    """Say what a scope allows, and add its name in the API."""
    return format_html("{} <code>{}</code>", capfirst(gettext(SCOPES[scope])), scope)


_CHOSEN_BY_HAND = frozenset({"orders.refund", "webhooks.write"})
"""Scopes that few servers need: the form does not preselect them."""
