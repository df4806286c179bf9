"""What is logged: lines of `name key=value`, and nothing that tells who a person is.

What others log (a path that was not found, an exception's words) may hold what a person typed: the formatter takes it out.
"""

import logging
import re
from typing import Any

GONE = "[removed]"
_BLANK = re.compile(r"\s")
# In an address of the web the sign is also written %40, and a plus %2B.
_EMAIL = re.compile(r"[^\s/?&=<>\"'(),;:\[\]{}]{1,64}(?:@|%40)[^\s/?&=<>\"'(),;:\[\]{}@]{1,255}", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w.])(?:\+|%2B)\d[\d ().-]{5,18}\d", re.IGNORECASE)
_CARD = re.compile(r"(?<![\w.-])(?:\d[ -]?){12,18}\d(?![\w.-])")
_INVITATION = re.compile(r"(/invitations/[^/\s]+/)[^/\s\"']+")


def told(name: str, **facts: Any) -> str:
    """Return a line of the log: what happened, and its facts in order; blanks in a fact are written `_`."""
    return " ".join([name, *(f"{key}={_BLANK.sub('_', str(value)) or '-'}" for key, value in facts.items())])


def without_personal_data(text: str) -> str:
    """Return a text without e-mail addresses, phone numbers, card numbers and the secrets of invitations."""
    for pattern in (_EMAIL, _CARD, _PHONE):
        text = pattern.sub(GONE, text)
    return _INVITATION.sub(rf"\1{GONE}", text)


class Formatter(logging.Formatter):
    """Writes lines without personal data, also in the words of an exception."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return without_personal_data(super().format(record))
