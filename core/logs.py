"""The log: lines of `name key=value`, without personal data.

Lines that libraries write (an unknown path, the text of an exception) may contain what a person typed: the formatter removes it.
"""

import logging
import re
from typing import Any

GONE = "[removed]"
_BLANK = re.compile(r"\s")
# Paths are logged as they were typed: percent-escaped once or several times (%40, %2540), or with Python's escapes (\uff20).
_ESCAPED = r"%(?:25)*"
_AT = rf"(?:[@\uff20\ufe6b]|{_ESCAPED}40|\\uff20|\\ufe6b|&#0*64;)"
_OF_NAMES = r"[^\s/?&=<>\"'(),;:\[\]{}]{1,64}"
_EMAIL = re.compile(
    rf"(?:\"[^\"/]{{1,64}}\"|{_ESCAPED}22[^\"/]{{1,64}}?{_ESCAPED}22|{_OF_NAMES}){_AT}"
    rf"(?:\[[\w.:]{{1,64}}\]|[^\s/?&=<>\"'(),;:\[\]{{}}@]{{1,255}})",
    re.IGNORECASE,
)
_GAP = rf"(?:[ ().\u00a0-]|\\xa0|{_ESCAPED}(?:20|28|29|2D|A0))*"
_PHONE = re.compile(rf"(?<![\w.])(?:\+|{_ESCAPED}2B)\d(?:{_GAP}\d){{6,18}}|(?<=/){_GAP}\d(?:{_GAP}\d){{6,18}}(?![\w-])", re.IGNORECASE)
"""A phone number: with a country code anywhere, without one only in a path, since no path of ours contains such a number."""
_CARD = re.compile(rf"(?<![\w.-])\d(?:(?:[ \u00a0-]|\\xa0|{_ESCAPED}(?:20|2D|A0))?\d){{12,18}}(?![\w.-])", re.IGNORECASE)
_INVITATION = re.compile(r"(/invitations/[^/\s]+/)[^/\s\"']+")


def told(name: str, **facts: Any) -> str:
    """Return a log line: the name of the event, and its facts in order; spaces in a fact become `_`."""
    return " ".join([name, *(f"{key}={_BLANK.sub('_', str(value)) or '-'}" for key, value in facts.items())])


def without_personal_data(text: str) -> str:
    """Remove e-mail addresses, phone numbers, card numbers and the secrets of invitations from a text."""
    for pattern in (_EMAIL, _CARD, _PHONE):
        text = pattern.sub(GONE, text)
    return _INVITATION.sub(rf"\1{GONE}", text)


class Formatter(logging.Formatter):
    """Writes lines without personal data, including the text of exceptions."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return without_personal_data(super().format(record))
