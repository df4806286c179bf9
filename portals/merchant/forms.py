"""The forms of the merchant portal."""

import re
from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from checkout.models import Capture
from merchants.models import Membership, Merchant
from merchants.rules import SCOPES
from portals.amounts import AmountField
from portals.forms import DayField, EmailField
from portals.merchant.frame import Desk
from portals.merchant.queries import STATES, Filters
from portals.merchant.wording import ROLES
from portals.theme import Theme, derive_theme
from webhooks.rules import EVENT_TYPES

COLOR = re.compile(r"#[0-9a-f]{6}")
_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class SignInForm(forms.Form):
    """E-mail and password."""

    username = EmailField("username", label="E-mail", attrs={"autofocus": True}, error_messages={"required": "Enter your e-mail address."})
    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password."},
    )


class InvitationForm(forms.Form):
    """The password that a new member of a team sets."""

    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 10 characters. A few words that you remember are best.",
        error_messages={"required": "Choose a password."},
    )


class FilterForm(forms.Form):
    """The filters of a list of orders. An invalid date or an unknown state filters nothing."""

    q = forms.CharField(
        label="Reference, order id or customer's e-mail",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={**_PLAIN, "type": "search"}),
        help_text="The beginning of a reference is enough. Names are kept encrypted and cannot be searched.",
    )
    start = DayField(label="From", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    end = DayField(label="To", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))

    def add_prefix(self, field_name: str) -> str:
        """Give the two dates their short names in the address."""
        return {"start": "from", "end": "to"}.get(field_name, field_name)


def read_filters(query: QueryDict) -> tuple[FilterForm, Filters]:
    """Return the form as it was sent, and its filters."""
    form = FilterForm(query)
    form.is_valid()
    told, state = form.cleaned_data, query.get("status", "")
    found = Filters(state=state if state in STATES else "", start=told.get("start"), end=told.get("end"), search=told.get("q", "").strip())
    return form, found


class CaptureForm(forms.Form):
    """The amount to capture; by default all that is left."""

    def __init__(self, *args: Any, desk: Desk, most_minor: int, **kwargs: Any) -> None:
        """Ask in the shop's currency, for at most what is left."""
        super().__init__(*args, **kwargs)
        currency = desk.merchant.currency
        self.fields["amount"] = AmountField(
            currency=currency,
            locale=desk.locale,
            label=f"Amount in {currency}",
            initial=most_minor,
            help_text=f"Up to {desk.money(most_minor)}.",
        )


class RefundForm(CaptureForm):
    """The amount to refund, the reason, and the capture."""

    reason = forms.CharField(
        label="Reason",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Your customer reads it.",
    )
    capture = forms.ChoiceField(label="Refund of", required=False)
    field_order = ("amount", "capture", "reason")

    def __init__(self, *args: Any, captures: Sequence[Capture], texts: Sequence[str], **kwargs: Any) -> None:
        """Offer the captures by name where there is more than one."""
        super().__init__(*args, **kwargs)
        self.order_fields(self.field_order)
        if len(captures) > 1:
            named = zip([capture.public_id for capture in captures], texts, strict=True)
            self.fields["capture"].choices = [("", "The newest captures first"), *named]  # type: ignore[attr-defined]
        else:
            del self.fields["capture"]


class KeyForm(forms.Form):
    """A new API key."""

    name = forms.CharField(
        label="Name",
        max_length=60,
        widget=forms.TextInput(attrs={**_PLAIN, "placeholder": "Online shop"}),
        help_text="Where the key is used, so that you know it again.",
        error_messages={"required": "Name the key, so that you know it again."},
    )
    kind = forms.ChoiceField(
        label="Kind",
        choices=[
            ("secret", "Secret: for your server"),
            ("publishable", "Publishable: for your web pages, shows plans only"),
        ],
        initial="secret",
        widget=forms.RadioSelect,
    )
    scopes = forms.MultipleChoiceField(
        label="A secret key may",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Choose as little as your server needs. A key can do no more than you can.",
    )

    def __init__(self, *args: Any, allowed: Collection[str], **kwargs: Any) -> None:
        """Offer the scopes that the key's maker may grant."""
        super().__init__(*args, **kwargs)
        offered = [scope for scope in SCOPES if scope in allowed]
        self.fields["scopes"].choices = [(scope, f"{scope}: {SCOPES[scope]}") for scope in offered]  # type: ignore[attr-defined]
        self.fields["scopes"].initial = [scope for scope in offered if scope not in _CHOSEN_BY_HAND]

    def clean(self) -> dict[str, Any]:
        """Require at least one scope for a secret key."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if told.get("kind") == "secret" and not told.get("scopes") and "scopes" not in self.errors:
            self.add_error("scopes", "Choose at least one thing that the key may do.")
        return told


_CHOSEN_BY_HAND = frozenset({"orders.refund", "webhooks.write"})
"""Scopes that few servers need: the form does not preselect them."""


class EndpointForm(forms.Form):
    """A webhook's address and its event types."""

    url = forms.CharField(
        label="Address",
        max_length=500,
        widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "url", "placeholder": "https://shop.example/webhooks"}),
        error_messages={"required": "Enter the address that takes the events."},
    )
    events = forms.MultipleChoiceField(
        label="Events",
        required=False,
        choices=[(name, name) for name in sorted(EVENT_TYPES.values())],
        widget=forms.CheckboxSelectMultiple,
        help_text="Choose none to get all of them.",
    )


class LookForm(forms.Form):
    """The shop's name, color and texts in checkout."""

    name = forms.CharField(
        label="Name", max_length=80, widget=forms.TextInput(attrs=_PLAIN), error_messages={"required": "Enter the name of your shop."}
    )
    brand_color = forms.CharField(
        label="Color",
        required=False,
        max_length=7,
        widget=forms.TextInput(attrs={**_PLAIN, "placeholder": "#1f6f54"}),
        help_text="As in #1f6f54. Without one your checkout is in our color.",
    )
    checkout_text = forms.CharField(
        label="A line in checkout",
        required=False,
        max_length=140,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Up to 140 characters, such as how returns work.",
    )
    support_email = EmailField(
        "off",
        label="E-mail for questions about an order",
        required=False,
        error_messages={"invalid": "Enter an e-mail address, such as help@shop.example."},
    )
    origins = forms.CharField(
        label="Your sites",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={**_PLAIN, "rows": 2, "placeholder": "https://shop.example"}),
        help_text="One on a line, without a path. Only these may show the checkout in a page or a window, and be returned to.",
    )
    auto_extend = forms.BooleanField(
        label="Extend authorizations by themselves",
        required=False,
        help_text="An order that you have not captured in time stays valid for as long again, up to 180 days.",
    )

    def clean_brand_color(self) -> str:
        """Return the color as `#rrggbb`, or nothing."""
        color = read_color(self.cleaned_data["brand_color"])
        if color and not COLOR.fullmatch(color):
            raise forms.ValidationError("Enter a color such as #1f6f54: six digits or letters from a to f.")
        return color

    def clean_origins(self) -> list[str]:
        """Return the sites in order, without duplicates; the service checks each."""
        return list(dict.fromkeys(line.rstrip("/") for line in self.cleaned_data["origins"].split()))

    @classmethod
    def of(cls, merchant: Merchant) -> "LookForm":
        """Return the form with the shop's present values."""
        now = {name: getattr(merchant, name) for name in cls.base_fields}
        return cls(initial=now | {"origins": "\n".join(merchant.origins)})


def read_color(text: str) -> str:
    """Return a color as typed, with one `#` before it, or nothing; `COLOR` checks whether it is a color."""
    bare = text.strip().lower()
    return f"#{bare.removeprefix('#')}" if bare else ""


def theme_of(color: str, fallback: str) -> Theme:
    """Return the theme of a color as typed, or of the lender's where it is none."""
    try:
        return derive_theme(color or fallback)
    except ValueError:
        return derive_theme(fallback)


def role_field() -> forms.ChoiceField:
    """Return the choice of a role, each with its permissions."""
    return forms.ChoiceField(
        label="Role",
        choices=[(value, f"{label}: {ROLES[value]}") for value, label in Membership.ROLES],
        initial="viewer",
        widget=forms.RadioSelect,
    )


class InviteForm(forms.Form):
    """An invitation to the team."""

    name = forms.CharField(label="Name", required=False, max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = EmailField("off", label="E-mail", error_messages={"required": "Enter an e-mail address."})
    role = role_field()


class RoleForm(forms.Form):
    """A new role for a member of the team."""

    role = role_field()
