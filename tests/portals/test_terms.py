"""One word a thing in each language: what the glossary refuses stands in no catalog and no guide."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from core.catalogs import languages
from core.translations import read_catalog
from portals.guides.shelf import FOLDER

GLOSSARY = Path(settings.BASE_DIR) / "docs" / "glossary.md"
CODE = re.compile(r"```.*?```|`[^`]*`|<code>.*?</code>|https?://\S+|href=\"[^\"]*\"", re.DOTALL)
PERMITTED = {"zahlungsdienst": "zahlungsdienstleister"}
"""Longer words that begin as a refused one, and are right."""


def refused_words() -> list[tuple[str, str]]:
    """Return the words that the glossary refuses, each with its language."""
    _before, _heading, table = GLOSSARY.read_text().partition("### Words that are not used")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("|")]
    return [(language, word) for language, word, _instead in rows[2:]]


def texts(language: str) -> list[str]:
    told = [message.string for message in read_catalog(language) if message.id]
    strings = [text for string in told for text in ([string] if isinstance(string, str) else string)]
    return [CODE.sub(" ", text) for text in [*strings, *(path.read_text() for path in (FOLDER / language).glob("*.md"))]]


@pytest.mark.parametrize("language", languages())
def test_no_text_uses_a_word_that_the_glossary_refuses(language):
    words = [word for of, word in refused_words() if of == language]
    assert words
    found = {}
    for word in words:
        but = f"(?!{PERMITTED[word.lower()].removeprefix(word.lower())})" if word.lower() in PERMITTED else ""
        pattern = re.compile(rf"\b{re.escape(word)}{but}" + (r"\b" if len(word) < 4 else ""), re.IGNORECASE)
        if wrong := [text[max(0, hit.start() - 40) : hit.end() + 40] for text in texts(language) if (hit := pattern.search(text))]:
            found[word] = wrong
    assert found == {}


@pytest.mark.parametrize(("language", "other"), [("sv", r"\b(?:Ni|Er|Ert|Era)\b"), ("de", r"\b(?:du|dich|dir|deine?[rmns]?)\b")])
def test_people_are_addressed_as_the_glossary_says(language, other):
    assert [text for text in texts(language) if re.search(other, text)] == []


QUOTES = {"da": "»«", "sv": "””", "de": "„“"}
ALL_QUOTES = "«»„“”"


@pytest.mark.parametrize("language", languages())
def test_quotes_are_those_of_the_language(language):
    other = re.compile(f"[{''.join(sorted(set(ALL_QUOTES) - set(QUOTES[language])))}]")
    assert [text for text in texts(language) if other.search(text)] == []
