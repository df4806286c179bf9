"""The preview of a brand in the back office: as stored, or with typed values; and whether its color is readable."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.conf import settings

from brands import rules
from brands.queries import PageBrand
from brands.texts import PAIRS
from brands.theme import DEFAULT, derive_theme, list_pairs, readable

SHOWN = ("name", "legal_name", "register_number", "address", "supervision", "mail_address", "sms_sender", "support_email", "support_phone")
LONGEST = 200
EMPTY = PageBrand(code="", name="", domain=None, legal_name="", address="", mail_address="", support_email="", mark="")


def draw(typed: Mapping[str, Any], brand: PageBrand = EMPTY) -> dict[str, Any]:
    """Return the values of the preview: the brand's fields, overridden by typed values. Nothing is written."""
    named = {name: str(typed[name])[:LONGEST] for name in SHOWN if name in typed}
    shown = replace(brand, **named, texts=_texts(typed, brand), mark=_mark(typed, brand))
    color, fault = str(typed.get("color", brand.color)), ""
    try:
        color = readable(rules.read_color(color)) or DEFAULT
    except rules.Faulty as refused:
        fault, color = str(refused), _nearest(color)
    theme = derive_theme(color)
    return {
        "shown": shown,
        "fault": fault,
        "hex": theme.given.removeprefix("#"),
        "pairs": [(PAIRS[one.what], one, f"{one.ratio:.1f}") for one in list_pairs(theme)],
        "modes": ("light", "dark"),
    }


def _nearest(typed: str) -> str:
    try:
        return derive_theme(typed).light.brand
    except ValueError:
        return DEFAULT


def _mark(typed: Mapping[str, Any], brand: PageBrand) -> str:
    try:
        return rules.tidy_mark(str(typed.get("mark", brand.mark)))
    except rules.Faulty:
        return ""


def _texts(typed: Mapping[str, Any], brand: PageBrand) -> dict[str, dict[str, str]]:
    """Return the texts by language and name; typed ones replace stored ones."""
    return {
        language: {
            name: str(typed.get(f"{name}_{language}", brand.texts.get(language, {}).get(name, "")))[:LONGEST] for name in rules.TEXTS
        }
        for language, _name in settings.LANGUAGES
    }
