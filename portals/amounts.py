"""Amounts as people type them, with any country's signs for thousands and decimals. Pure but for the form field."""

import re
from typing import Any

from babel.numbers import get_group_symbol
from django import forms
from django.utils.translation import gettext_lazy as _

from core.formats import parse_locale, plain_text
from core.money import MAX_MINOR, exponent

_BEFORE = re.compile(r"^[^\d.,\-−]+")
_AFTER = re.compile(r"[^\d]+$")
_GAP = re.compile(r"[\s'’]")


def read_amount(text: str, currency: str, locale: str) -> int:
    """Return the minor units of an amount as somebody writes it: "57.25", "57,25 kr.", "1 057,25", "$1,000".

    Thousands are separated, in groups of three, by a space or by the locale's own sign. A last point or comma, followed by no
    more digits than the currency has decimals, is the decimal mark. ValueError for anything else, such as "10.999" where
    a point marks decimals, and for more than the largest amount that the product accepts.
    """
    decimals = exponent(currency)
    bare = _GAP.sub(" ", _AFTER.sub("", _BEFORE.sub("", text.strip())))
    own = get_group_symbol(parse_locale(locale))
    grouped = rf"[1-9]\d{{0,2}}(?P<group>[ {re.escape(own)}])\d{{3}}(?:(?P=group)\d{{3}})*"
    fraction = rf"(?:(?P<mark>[.,])(?P<part>\d{{1,{decimals}}}))?" if decimals else ""
    found = re.fullmatch(rf"(?P<whole>{grouped}|\d+){fraction}", bare, re.ASCII)
    if found is None or len(bare) > 24:
        raise ValueError("not an amount")
    parts = found.groupdict()
    if parts.get("mark") and parts["mark"] == parts["group"]:
        raise ValueError("one sign cannot part thousands and decimals")
    whole, part = re.sub(r"\D", "", parts["whole"]), (parts.get("part") or "").ljust(decimals, "0")
    minor = int(whole + part)
    if minor > MAX_MINOR:
        raise ValueError("more than the product takes")
    return minor


class AmountField(forms.CharField):
    """An amount of one currency; the cleaned value is in minor units and above zero."""

    default_error_messages = {
        "required": _("Enter an amount."),
        "amount": _("Enter an amount, such as 57.25."),
        "zero": _("Enter an amount above zero."),
    }

    def __init__(self, *, currency: str, locale: str, **kwargs: Any) -> None:
        self.currency, self.locale = currency, locale
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=40, widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Write minor units as the person would."""
        return plain_text(value, self.currency, self.locale) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Return minor units."""
        text = super().clean(value)
        if not text:
            return None
        try:
            minor = read_amount(text, self.currency, self.locale)
        except ValueError:
            raise forms.ValidationError(self.error_messages["amount"], code="amount") from None
        if minor == 0:
            raise forms.ValidationError(self.error_messages["zero"], code="zero")
        return minor
