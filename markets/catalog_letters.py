"""The settings of a market with the letters that operators send to late people: up to six templates, each in four languages."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.sentences import Sentence, Text
from markets.parts import Part, Spec

HEADING, LETTER = 100, 1_500
"""The longest heading and the longest text of a letter, in characters."""
LANGUAGES = ("en", "da", "sv", "de")
MARKS = frozenset({"{person}", "{company}", "{amount}", "{day}"})
"""What is filled in: the person, our company, what is late with fees, and the day of the letter."""
_MARK = re.compile(r"\{[^{}]*\}?|\}")


def _letter(title: Text) -> Spec:
    parts = {
        "name": Part(_("Its name, by which operators choose it"), "text", most=HEADING),
        "asks": Part(_("It asks to pay, and counts as that"), "yes"),
        "brand": Part(_("For one brand alone: its code"), "text", optional=True),
    }
    words = {
        "en": (_("Heading in English"), _("Text in English; {person}, {company}, {amount} and {day} are filled in")),
        "da": (_("Heading in Danish"), _("Text in Danish")),
        "sv": (_("Heading in Swedish"), _("Text in Swedish")),
        "de": (_("Heading in German"), _("Text in German")),
    }
    for code, (heading, text) in words.items():
        parts[f"{code}_heading"] = Part(heading, "text", optional=True, most=HEADING)
        parts[f"{code}_text"] = Part(text, "text", optional=True, most=LETTER)
    return Spec(title, parts)


LETTERS: dict[str, Spec] = {
    "letter.1": _letter(_("First letter that operators send to late people")),
    "letter.2": _letter(_("Second letter that operators send to late people")),
    "letter.3": _letter(_("Third letter that operators send to late people")),
    "letter.4": _letter(_("Fourth letter that operators send to late people")),
    "letter.5": _letter(_("Fifth letter that operators send to late people")),
    "letter.6": _letter(_("Sixth letter that operators send to late people")),
}


def letter_faults(value: Mapping[str, Any]) -> dict[str, str]:
    """Return the faults of a letter: a language has both heading and text or neither, one has, and nothing unknown is filled in."""
    faults: dict[str, str] = {}
    written = [code for code in LANGUAGES if f"{code}_heading" in value and f"{code}_text" in value]
    if not written:
        faults["en_text"] = Sentence("write the letter in one language at least")
    for code in LANGUAGES:
        halves = [f"{code}_{part}" for part in ("heading", "text")]
        if sum(name in value for name in halves) == 1:
            faults[next(name for name in halves if name not in value)] = Sentence("a letter has a heading and a text")
        for name in halves:
            if set(_MARK.findall(value.get(name, ""))) - MARKS:
                faults[name] = Sentence("only {person}, {company}, {amount} and {day} are filled in")
    return faults
