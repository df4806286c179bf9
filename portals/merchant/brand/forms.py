"""The form of the shop's look, and the theme of a typed color."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from brands.theme import Theme, derive_theme
from merchants.models import Merchant
from portals.forms import PLAIN, EmailField

COLOR = re.compile(r"#[0-9a-f]{6}")


class LookForm(forms.Form):
    """The shop's name, color and texts in checkout."""

    name = forms.CharField(
        label=_("Name"), max_length=80, widget=forms.TextInput(attrs=PLAIN), error_messages={"required": _("Enter the name of your shop.")}
    )
    brand_color = forms.CharField(
        label=_("Color"),
        required=False,
        max_length=7,
        widget=forms.TextInput(attrs={**PLAIN, "placeholder": "#1f6f54"}),
        help_text=_("As in #1f6f54. Without one your checkout is in our color."),
    )
    checkout_text = forms.CharField(
        label=_("A line in checkout"),
        required=False,
        max_length=140,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Up to 140 characters, such as how returns work."),
    )
    support_email = EmailField(
        "off",
        label=_("E-mail for questions about an order"),
        required=False,
        error_messages={"invalid": _("Enter an e-mail address, such as help@shop.example.")},
    )
    origins = forms.CharField(
        label=_("Your sites"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={**PLAIN, "rows": 2, "placeholder": "https://shop.example"}),
        help_text=_("One on a line, without a path. Only these may show the checkout in a page or a window, and be returned to."),
    )
    auto_extend = forms.BooleanField(
        label=_("Extend authorizations by themselves"),
        required=False,
        help_text=_("An order that you have not captured in time stays valid for as long again, up to 180 days."),
    )

    def clean_brand_color(self) -> str:
        """Return the color as `#rrggbb`, or an empty text."""
        color = read_color(self.cleaned_data["brand_color"])
        if color and not COLOR.fullmatch(color):
            raise forms.ValidationError(_("Enter a color such as #1f6f54: six digits or letters from a to f."))
        return color

    def clean_origins(self) -> list[str]:
        """Return the sites in order, without duplicates; the service checks each."""
        return list(dict.fromkeys(line.rstrip("/") for line in self.cleaned_data["origins"].split()))

    @classmethod
    def of(cls, merchant: Merchant) -> "LookForm":
        """Return the form with the shop's current values."""
        now = {name: getattr(merchant, name) for name in cls.base_fields}
        return cls(initial=now | {"origins": "\n".join(merchant.origins)})


def read_color(text: str) -> str:
    """Return a typed color with one `#` before it, or an empty text; `COLOR` checks whether it is a color."""
    bare = text.strip().lower()
    return f"#{bare.removeprefix('#')}" if bare else ""


def theme_of(color: str, fallback: str) -> Theme:
    """Return the theme of a typed color, or of the lender's color if it is not a color."""
    try:
        return derive_theme(color or fallback)
    except ValueError:
        return derive_theme(fallback)
