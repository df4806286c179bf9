"""The shop's four languages: texts stand in the code in English, and in the others in `texts.json`."""

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
    """Answer this request in a language."""
    _present.set(language)


def say(text: str, **values: str | int) -> str:
    """Return an English text in the present language, as it is where it has no translation, with its values filled in."""
    if present() != "en" and text in _TEXTS:
        text = _TEXTS[text][_OTHERS.index(present())]
    return text.format(**values) if values else text


def choose(asked: str, kept: str, accepted: str) -> str:
    """Return the language asked for, else the one kept in the cookie, else the first that the browser accepts, else English."""
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
    """Return all texts with their Danish, Swedish and German."""
    return _TEXTS
