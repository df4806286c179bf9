"""A brand's fields in words, for the back office."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

NAMES = {
    "code": gettext_lazy("Code"),
    "name": gettext_lazy("Name, as people know it"),
    "domain": gettext_lazy("Host at which people reach it"),
    "legal_name": gettext_lazy("Legal entity"),
    "register_number": gettext_lazy("Register number"),
    "address": gettext_lazy("Postal address"),
    "supervision": gettext_lazy("Licence and supervisor"),
    "color": gettext_lazy("Color"),
    "mark": gettext_lazy("Mark"),
    "mail_address": gettext_lazy("Sender of e-mail"),
    "sms_sender": gettext_lazy("Sender of SMS"),
    "support_email": gettext_lazy("Support by e-mail"),
    "support_phone": gettext_lazy("Support by phone"),
    "support_hours": gettext_lazy("When somebody answers the phone"),
}
TEXTS = {
    "tagline": gettext_lazy("What it says of itself"),
    "supervision": gettext_lazy("Licence and supervisor"),
    "legal": gettext_lazy("Sentence of law under pages and letters"),
}
PAIRS = {
    "button": gettext_lazy("Letters on buttons"),
    "card": gettext_lazy("Links on cards"),
    "paper": gettext_lazy("Links on the page"),
    "tint": gettext_lazy("Letters on tinted ground"),
}


def value_text(value: Any) -> str:
    """Format the value of a brand's field."""
    return str(value) if value else _("None")


def in_languages(texts: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return a brand's own texts, by a label that names the text and its language."""
    return {
        f"{TEXTS[name]} ({language_name})": texts[language][name]
        for language, language_name in settings.LANGUAGES
        for name in TEXTS
        if name in texts.get(language, {})
    }
