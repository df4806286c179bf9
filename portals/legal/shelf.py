"""The legal texts: a file a text, version (the day from which it holds) and language, filled with what a market and a brand say."""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.utils.translation import gettext_noop

from portals.guides.render import Rendered, render
from portals.guides.shelf import WEB

FOLDER = Path(__file__).parent / "texts"
NAMES = {"terms": gettext_noop("Terms of use"), "privacy": gettext_noop("Privacy policy"), "cookies": gettext_noop("Cookies")}
"""The texts by name, in the order of the menu. The files are named `name.version.language.md`."""
ONLY = re.compile(r"^\[([A-Z]+)\] (.*\n?)", re.MULTILINE)
"""A paragraph that stands only where a kind of law holds."""


@dataclass(frozen=True, slots=True)
class LegalText:
    """A text as somebody reads it, with the day from which it holds and the SHA-256 of its words."""

    day: date
    hash: str
    page: Rendered


@cache
def list_versions(name: str) -> tuple[str, ...]:
    """Return the versions of a text, the newest first."""
    return tuple(sorted({path.name.split(".")[1] for path in FOLDER.glob(f"{name}.*.md")}, reverse=True))


def write(name: str, version: str, language: str, facts: Mapping[str, str], laws: Collection[str]) -> LegalText:
    """Return a version of a text in a language: filled with facts by name, and with the paragraphs of these kinds of law.

    `version` is one of `list_versions`.
    """
    told = (FOLDER / f"{name}.{version}.{language}.md").read_text(encoding="utf-8")
    text = ONLY.sub(lambda found: found[2] if found[1] in laws else "", told).format_map(facts)
    return LegalText(date.fromisoformat(version), hashlib.sha256(text.encode()).hexdigest(), render(text, _address))


def _address(target: str) -> str:
    return target if target.startswith((*WEB, "#")) else ""
