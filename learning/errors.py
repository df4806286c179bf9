"""Errors of tables and models."""

from typing import Any


class BadTable(Exception):
    """A table cannot be learned from, or scored; `code` identifies the problem, the text says what to do.

    `facts` are the parts of the text as plain JSON, from which pages make sentences in the reader's language (`learning.reporting.faults`);
    `columns` among them are the columns at fault. Some hold cells of the table, so neither they nor the text belong into a log.
    """

    def __init__(self, code: str, text: str, **facts: Any) -> None:
        super().__init__(text)
        self.code, self.facts = code, facts


class NoModel(Exception):
    """There is no such model, version or role."""


class Damaged(Exception):
    """The stored bytes of a model do not match their digest, or cannot be trusted."""


class Refused(Exception):
    """The action is not allowed: it needs a second person, or the licence of the data forbids it."""
