"""The shop's four languages: English texts are in the code, the translations in `texts.json`."""

import json
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path

NAMES = {"en": "English", "da": "Dansk", "sv": "Svenska", "de": "Deutsch"}
COOKIE = "demo_shop_language"
_TEXTS: dict[str, list[str]] = json.loads(Path(__file__).with_name("texts.json").read_text(encoding="utf-8"))
_OTHERS = ("da", "sv", "de")
_present: ContextVar[str] = ContextVar("language", default="en")


def present() -> str:
    """Return the code of the language in which this request is answered."""
    return _present.get()


def speak(language: str) -> None:
    """Set the language of this request."""
    _present.set(language)


def say(text: str, **values: str | int) -> str:
    """Translate an English text for this request and fill in its values; unchanged if it has no translation."""
    if present() != "en" and text in _TEXTS:
        text = _TEXTS[text][_OTHERS.index(present())]
    return text.format(**values) if values else text


def choose(asked: str, kept: str, accepted: str) -> str:
    """Return the requested language, else the one in the cookie, else the first accepted by the browser, else English."""
    accepts = sorted(map(_weighed, accepted.split(",")), key=lambda one: -one[1])
    return next((code for code in (asked, kept, *(code for code, _ in accepts)) if code in NAMES), "en")


def _weighed(part: str) -> tuple[str, float]:
    """Return a language of `Accept-Language` without its region, and its weight."""
    code, _, weight = part.strip().partition(";q=")
    try:
        return code.partition("-")[0].lower(), float(weight or 1)
    except ValueError:
        return "", 0.0


def texts() -> Mapping[str, list[str]]:
    """Return all texts with their Danish, Swedish and German translations."""
    return _TEXTS
