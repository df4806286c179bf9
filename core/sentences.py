"""Sentences for people that are made far from any page: in English as they stand, in the reader's language where they are shown."""

import re
from typing import Any, Self

from django.utils.functional import Promise
from django.utils.translation import gettext

Text = str | Promise
"""A text, or one that is translated when it is shown."""
_SECOND_STOP = re.compile(r"(?<=[^\W\d_]\.)((?:</(?!code|pre|kbd)[a-z]+>)*)\.(?![.\w/])")
"""The full stop after words that end with one, such as `57,25 kr.`, `12. nov.` and `<b>Kvart Finance Inc.</b>`."""


class Sentence(str):
    """A sentence of a text with `%(name)s` places and the facts for them; it equals its English form."""

    __slots__ = ("facts", "text")

    text: str
    facts: dict[str, Any]

    def __new__(cls, text: str, **facts: Any) -> Self:
        """Make the sentence; KeyError where a fact is missing."""
        made = super().__new__(cls, text % facts)
        made.text, made.facts = text, facts
        return made


def one_stop(text: str) -> str:
    """Return a text, or a piece of HTML, whose sentences end in one full stop where their last word has its own; `...` stays."""
    return _SECOND_STOP.sub(r"\1", text)


def marked(text: str) -> str:
    """Return a text as it is, marked for the catalogs, where no Django is known (rules); elsewhere it is `gettext_noop`."""
    return text


def status_word(status: str) -> str:
    """Return the word for a status, for a `Sentence`, which translates it: `partially_captured` is "partially captured"."""
    return status.replace("_", " ")


def translated(sentence: str) -> str:
    """Return a sentence in the present language, with those of its facts that are texts; as it stands where nobody translated it."""
    if isinstance(sentence, Sentence):
        return one_stop(gettext(sentence.text) % {name: _fact(value) for name, value in sentence.facts.items()})
    return gettext(sentence) if sentence else ""


def _fact(value: Any) -> Any:
    return translated(value) if isinstance(value, str) else value


class Faulty(ValueError):
    """A value cannot be accepted; the text is a sentence for people."""

    def __str__(self) -> str:
        """Return the sentence as it was made: it can be translated."""
        sentence: str = self.args[0]
        return sentence
