"""Sentences for people that are made far from any page: English where they are made, and the reader's language where they are shown."""

import re
from collections.abc import Mapping
from typing import Any, Self

from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext

Text = str | Promise
"""A text, or a lazy text that is translated when it is shown."""
FIGURES = {
    "amount": "core.moments.amount_words",
    "percent": "core.moments.percent_words",
    "number": "core.moments.number_words",
    "name": "core.sentences.marked",
}
"""The function that formats a figure, by its kind; a name is the same in each language."""
_SECOND_STOP = re.compile(r"(?<=[^\W\d_]\.)((?:</(?!code|pre|kbd)[a-z]+>)*)\.(?![.\w/])")
"""The full stop after words that end with one, such as `57,25 kr.`, `12. nov.` and `<b>Kvart Finance Inc.</b>`."""


class Sentence(str):
    """A sentence with `%(name)s` places and the facts for them; as a `str` it is the English sentence."""

    __slots__ = ("facts", "text")

    text: str
    facts: dict[str, Any]

    def __new__(cls, text: str, **facts: Any) -> Self:
        """Make the sentence; KeyError where a fact is missing."""
        made = super().__new__(cls, text % facts)
        made.text, made.facts = text, facts
        return made


class Figure(str):
    """A formatted amount or percentage, which a sentence formats again in the reader's language (`core.moments`)."""

    __slots__ = ("kind", "values")

    kind: str
    values: tuple[Any, ...]

    def __new__(cls, text: str, kind: str, *values: Any) -> Self:
        """Make the text, and keep what it was made from: `amount` of minor units and a currency, `percent` of basis points, `number`."""
        made = super().__new__(cls, text)
        made.kind, made.values = kind, values
        return made


def one_stop(text: str) -> str:
    """Return a text, or a piece of HTML, without a second full stop after a last word that has its own ("kr."); `...` stays."""
    return _SECOND_STOP.sub(r"\1", text)


def marked(text: str) -> str:
    """Return a text unchanged, marked for the catalogs, in code that does not import Django (rules); elsewhere it is `gettext_noop`."""
    return text


def status_word(status: str) -> str:
    """Return the word for a status, for use in a `Sentence`, which translates it: `partially_captured` is "partially captured"."""
    return status.replace("_", " ")


def translated(sentence: str) -> str:
    """Return a sentence in the current language, with its textual facts translated too; unchanged without a translation."""
    if isinstance(sentence, Sentence):
        return one_stop(gettext(sentence.text) % {name: _fact(value) for name, value in sentence.facts.items()})
    return gettext(sentence) if sentence else ""


def _fact(value: Any) -> Any:
    if isinstance(value, Figure):
        return str(import_string(FIGURES[value.kind])(*value.values))
    return translated(value) if isinstance(value, str) else value


def kept(sentence: str) -> dict[str, Any]:
    """Return a sentence as plain values for a JSON column; `told` words it again in any language."""
    facts = sentence.facts if isinstance(sentence, Sentence) else {}
    text = sentence.text if isinstance(sentence, Sentence) else str(sentence)
    return {"text": text, "facts": {name: _kept_fact(value) for name, value in facts.items()}}


def told(values: Mapping[str, Any]) -> str:
    """Return a sentence stored by `kept`, in the current language."""
    facts = {name: _told_fact(value) for name, value in values["facts"].items()}
    return translated(Sentence(values["text"], **facts) if facts else values["text"])


def _kept_fact(value: Any) -> Any:
    if isinstance(value, Figure):
        return {"figure": value.kind, "values": list(value.values)}
    if isinstance(value, Sentence):
        return kept(value)
    return value if isinstance(value, int | float | None) else str(value)


def _told_fact(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    if "figure" in value:
        return _fact(Figure("", value["figure"], *value["values"]))
    return told(value)


class Faulty(ValueError):
    """A value cannot be accepted; the text is a sentence for people."""

    def __str__(self) -> str:
        """Return the sentence as it was made, so that it can be translated."""
        sentence: str = self.args[0]
        return sentence
