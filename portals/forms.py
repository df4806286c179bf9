"""Forms of the pages, and the one place where a DomainError becomes a form's error."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from accounts.rules import Faulty, normalize_email
from core.errors import DomainError

PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
"""Attributes of a field for text that is not words: a color, a key's name, an address."""


class EmailField(forms.CharField):
    """An e-mail address in the form in which it is stored; domains may be in any script."""

    default_error_messages = {"invalid": _("Enter an e-mail address, such as ann@example.com.")}

    def __init__(self, autocomplete: str, *, max_length: int = 254, **options: Any) -> None:
        widget = forms.EmailInput(attrs={"autocomplete": autocomplete, **options.pop("attrs", {})})
        super().__init__(max_length=max_length, widget=widget, **options)

    def to_python(self, value: Any) -> str:
        """Return the address; empty if nothing was typed."""
        text = str(super().to_python(value) or "")
        try:
            return normalize_email(text) if text else ""
        except Faulty:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None


class DayField(forms.DateField):
    """A date from 1900 to 2999, so that neither nearby days nor a time zone can overflow the calendar."""

    default_validators = [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2999, 12, 31))]


def add_errors(form: forms.Form, error: DomainError, **names: str) -> None:
    """Put an error beside the fields that it names, otherwise above the form; `names` maps a service's field to the form's field.

    `address.city` is the field `city`. An error of a field that the form does not show goes above the form.
    """
    above = not error.fields
    for told, sentence in error.fields.items():
        field = names.get(told, told.removeprefix("address."))
        if field in form.fields:
            form.add_error(field, sentence)
        else:
            above = True
    if above:
        form.add_error(None, error.detail)
