"""The pages' texts in the reader's language: English is in code and templates, translations are in `locale/`, by English text.

A template marks a text as `{{Save card}}`; code calls `say("Save card")`.
"""

import json
import re
from contextvars import ContextVar
from http.cookies import SimpleCookie
from pathlib import Path
from string import Template

from sandbox.message import Request

HERE = Path(__file__).parent
CATALOGS: dict[str, dict[str, str]] = {"en": {}} | {
    language: json.loads((HERE / "locale" / f"{language}.json").read_text()) for language in ("da", "sv", "de")
}
MARKED = re.compile(r"\{\{(.+?)\}\}")
# Translations of the signs in a number such as 1,234.50.
_POINTS = {"da": str.maketrans(",.", ".,"), "de": str.maketrans(",.", ".,"), "sv": str.maketrans(",.", "\xa0,")}
COOKIE = "language"
_language = ContextVar("language", default="en")


def speak_to(request: Request, locale: str | None = None) -> None:
    """Answer a request in the language of `locale` (such as `da` or `da-DK`), else the one chosen before, the browser's, or English."""
    cookie = SimpleCookie(request.headers.get("cookie", "")).get(COOKIE)
    wanted = f"{locale or ''},{cookie.value if cookie else ''},{request.headers.get('accept-language', '')}"
    tags = (tag.strip()[:2].lower() for tag in wanted.split(","))
    _language.set(next((tag for tag in tags if tag in CATALOGS), "en"))


def remembered() -> tuple[str, str]:
    """The header by which a browser remembers the language of the answer as the one that its person chose."""
    return "Set-Cookie", f"{COOKIE}={language()}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"


def language() -> str:
    """The language of the answer."""
    return _language.get()


def say(text: str, **values: object) -> str:
    """A text in the language of the answer, with its `$values`; English without a translation."""
    return Template(CATALOGS[language()].get(text, text)).substitute(values)


def translated_marks(template: str, into: str) -> str:
    """A template with each `{{text}}` in a language."""
    return MARKED.sub(lambda mark: CATALOGS[into].get(mark[1], mark[1]), template)


def number(text: str) -> str:
    """A number such as 1,234.50 as the language of the answer writes it."""
    return text.translate(_POINTS.get(language(), {}))
