"""The widget's own words, which stand in its source: every language says all of it, with the same facts, in the trade's terms."""

import re

import pytest
from django.conf import settings

SOURCE = (settings.BASE_DIR / "static" / "widget" / "v1.js").read_text()
TEXTS = SOURCE[SOURCE.index("const TEXTS = {") : SOURCE.index("const sheet")]
LANGUAGES = [code for code, _ in settings.LANGUAGES]
RATE = {"en": "APR", "da": "ÅOP", "sv": "effektiv ränta", "de": "eff. Jahreszins"}
"""How the glossary calls the annual rate, where there is little room."""


def words_of(language: str) -> dict[str, str]:
    """Return the texts of a language by their names."""
    block = re.search(rf"^    {language}: \{{\n(.*?)^    \}},", TEXTS, re.MULTILINE | re.DOTALL)
    assert block is not None, language
    return dict(re.findall(r'(\w+): "([^"]*)"', block[1]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_all_of_it_with_the_same_facts(language):
    facts = {name: sorted(re.findall(r"\{(\w+)\}", text)) for name, text in words_of(language).items()}
    assert facts == {name: sorted(re.findall(r"\{(\w+)\}", text)) for name, text in words_of("en").items()}
    assert len(facts) > 15
    assert all(text.strip() for text in words_of(language).values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_annual_rate_is_called_as_in_the_glossary(language):
    said = words_of(language)
    assert [RATE[language] in said[name] for name in ("cost", "about", "total")] == [True, True, True]


def test_no_other_language_is_in_it():
    assert re.findall(r"^    (\w\w): \{", TEXTS, re.MULTILINE) == LANGUAGES
