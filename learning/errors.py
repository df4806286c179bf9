"""Errors of tables and models."""


class BadTable(Exception):
    """A table cannot be learned from, or scored; `code` identifies the problem, the text says what to do."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class NoModel(Exception):
    """There is no such model, version or role."""


class Damaged(Exception):
    """The stored bytes of a model do not match their digest, or cannot be trusted."""


class Refused(Exception):
    """The action is not allowed: it needs a second person, or the licence of the data forbids it."""
