"""Amounts and percentages as people type them, with any country's signs for thousands and decimals. Pure but for the form fields."""

import re
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal, get_group_symbol
from django import forms
from django.utils.translation import gettext_lazy as _

from core.formats import parse_locale
from core.money import MAX_MINOR, exponent

_BEFORE = re.compile(r"^[^\d.,\-−]+")
_AFTER = re.compile(r"[^\d]+$")
_GAP = re.compile(r"[\s'’]")


def read_amount(text: str, currency: str, locale: str) -> int:
    """Return the minor units of an amount as a person writes it: "57.25", "57,25 kr.", "1 057,25", "$1,000".

    ValueError for anything that `read_number` refuses, and for an amount above the product's maximum.
    """
    minor = read_number(text, exponent(currency), locale)
    if minor > MAX_MINOR:
        raise ValueError("more than the product takes")
    return minor


def read_number(text: str, decimals: int, locale: str) -> int:
    """Return a number as a person writes it, in units of its last decimal: "12,5" with two decimals is 1250.

    Thousands are separated, in groups of three, by a space or by the locale's own sign. A point or comma followed by at most as many digits
    as there are decimals is the decimal mark, if it is the last sign. ValueError for anything else, such as "10.999" where a point marks
    decimals: a reader from another country would take it for ten thousand.
    """
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
    return int(whole + part)


class NumberField(forms.CharField):
    """A number with decimals as the reader's locale writes it; the cleaned value is in units of its last decimal, None for nothing."""

    default_error_messages = {
        "number": _("Enter a number, such as %(example)s."),
        "most": _("Enter at most %(most)s."),
    }

    def __init__(self, *, decimals: int, locale: str, most: int | None = None, **kwargs: Any) -> None:
        self.decimals, self.locale, self.most = decimals, locale, most
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=40, widget=widget, **kwargs)

    def written(self, value: int) -> str:
        """Return a value as the reader's locale writes it."""
        pattern = f"0.{'0' * self.decimals}" if self.decimals else "0"
        return str(format_decimal(Decimal(value).scaleb(-self.decimals), format=pattern, locale=parse_locale(self.locale)))

    def prepare_value(self, value: Any) -> Any:
        """Return a value as the reader's locale writes it."""
        return self.written(value) if isinstance(value, int) else value

    def read(self, text: str) -> int:
        """Return the value of a text; ValueError."""
        return read_number(text, self.decimals, self.locale)

    def clean(self, value: Any) -> Any:
        """Return the value."""
        text = super().clean(value)
        if not text:
            return None
        try:
            found = self.read(text)
        except ValueError:
            raise self._refused("number", example=self.written(5_725 if self.decimals else 57)) from None
        if self.most is not None and found > self.most:
            raise self._refused("most", most=self.written(self.most))
        return found

    def _refused(self, code: str, **params: Any) -> forms.ValidationError:
        return forms.ValidationError(self.error_messages[code], code=code, params=params)


class AmountField(NumberField):
    """An amount of one currency; the cleaned value is in minor units, and above zero unless `zero` is allowed."""

    default_error_messages = {
        "required": _("Enter an amount."),
        "number": _("Enter an amount, such as %(example)s."),
        "zero": _("Enter an amount above zero."),
    }

    def __init__(self, *, currency: str, locale: str, zero: bool = False, **kwargs: Any) -> None:
        self.currency, self.zero = currency, zero
        super().__init__(decimals=exponent(currency), locale=locale, **kwargs)

    def read(self, text: str) -> int:
        """Return the minor units of a text; ValueError."""
        return read_amount(text, self.currency, self.locale)

    def clean(self, value: Any) -> Any:
        """Return minor units."""
        minor = super().clean(value)
        if minor == 0 and not self.zero:
            raise self._refused("zero")
        return minor
