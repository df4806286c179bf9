"""The back office's forms of brands."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from brands.models import DEFAULT, Brand
from brands.proposals import FIELDS as BY_TWO
from brands.queries import values_of
from brands.rules import TEXTS
from brands.texts import NAMES
from brands.texts import TEXTS as TEXT_NAMES
from core.errors import DomainError

LOOK = ("name", "color", "mark")
SENDERS = ("address", "supervision", "mail_address", "sms_sender", "support_email", "support_phone", "support_hours")
REQUIRED = frozenset({"code", "name", "domain", "legal_name", "address", "mail_address", "support_email"})
HELP = {
    "code": _("Lower case letters, digits and hyphens. It never changes."),
    "domain": _("The host alone, such as pay.example.com. Letters and links lead there."),
    "color": _("As in #1d4ed8; empty for the color of the design. It has to be readable."),
    "mark": _("The paths of a drawing of 18 by 18, one a line; ~ before a path draws it pale. Empty: the first letter of the name."),
    "sms_sender": _("3 to 11 letters and digits, or a number with +. Empty: the sender of the account with the provider."),
    "supervision": _("As it is said where a language has no line of its own."),
}


def _field(name: str) -> forms.Field:
    field = Brand._meta.get_field(name)
    about: dict[str, Any] = {"label": NAMES[name], "help_text": HELP.get(name, ""), "required": name in REQUIRED}
    most = getattr(field, "max_length", None)
    if name == "mark":
        return forms.CharField(**about, max_length=4_000, widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}))
    return forms.CharField(**about, max_length=most)


class BrandForm(forms.Form):
    """Fields of a brand and, with `with_texts`, its texts in each language; `reason` says why they change."""

    names: tuple[str, ...] = ()
    with_texts = False
    reason = forms.CharField(max_length=500, label=_("Why"), widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, data: Any = None, *, row: Brand | None = None) -> None:
        """Make the fields, with a brand's present values."""
        super().__init__(data, initial=_initial(row) if row else None)
        self.row = row
        made = {name: _field(name) for name in self.names if not (name == "domain" and row and row.code == DEFAULT)}
        if self.with_texts:
            made |= {key: _text_field(name, language) for name, language, key in _keys()}
        if row is not None:
            made["seen"] = forms.DateTimeField(required=False, widget=forms.HiddenInput(), initial=row.changed_at.isoformat())
        self.fields = made | self.fields

    def plain(self) -> list[BoundField]:
        """Return the fields other than the brand's texts."""
        return [self[name] for name in self.names if name in self.fields]

    def texts(self) -> list[tuple[str, list[BoundField]]]:
        """Return each language's name with the fields of its texts."""
        return [(name, [self[f"{text}_{code}"] for text in TEXTS]) for code, name in settings.LANGUAGES] if self.with_texts else []

    def changes(self) -> dict[str, Any]:
        """Return the fields that differ from the brand's present values."""
        given: dict[str, Any] = {name: self.cleaned_data[name] for name in self.names if name in self.fields}
        if self.with_texts:
            texts: dict[str, dict[str, str]] = {}
            for name, language, key in _keys():
                if text := self.cleaned_data[key]:
                    texts.setdefault(language, {})[name] = text
            given["texts"] = texts
        now = values_of(self.row) if self.row else {}
        return {name: value for name, value in given.items() if name not in now or (now[name] or "") != (value or "")}

    def refuse(self, error: DomainError) -> None:
        """Show a service's error at its fields."""
        for name, fault in (error.fields or {NON_FIELD_ERRORS: error.detail}).items():
            self.add_error(name if name in self.fields else None, fault)


class LookForm(BrandForm):
    """The look and texts of a brand, which one person changes, with a reason."""

    names, with_texts = (*LOOK, *SENDERS), True


class EntityForm(BrandForm):
    """The legal entity and the host, which two people change."""

    names = BY_TWO
    starts_on = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}), label=_("From the day (empty: at once)"))

    def also(self) -> list[BoundField]:
        """Return the fields about the change itself."""
        return [self["starts_on"]]


class NewForm(BrandForm):
    """All fields of a new brand."""

    names, with_texts = ("code", "domain", "legal_name", "register_number", *LOOK, *SENDERS), True


def _text_field(name: str, language: str) -> forms.Field:
    widget = (
        forms.Textarea(attrs={"rows": 2, "lang": language}) if TEXTS[name] > TEXTS["tagline"] else forms.TextInput(attrs={"lang": language})
    )
    return forms.CharField(required=False, max_length=TEXTS[name], label=TEXT_NAMES[name], widget=widget)


def _keys() -> Iterator[tuple[str, str, str]]:
    for language, _name in settings.LANGUAGES:
        for name in TEXTS:
            yield name, language, f"{name}_{language}"


def _initial(row: Brand) -> dict[str, Any]:
    texts: Mapping[str, Mapping[str, str]] = row.texts
    said = {key: texts.get(language, {}).get(name, "") for name, language, key in _keys()}
    return {name: value for name, value in values_of(row).items() if name != "texts"} | said
