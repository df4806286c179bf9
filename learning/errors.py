"""What is wrong with a table or a model, by name."""


class BadTable(Exception):
    """A table cannot be learned from, or scored; `code` names the trouble, the text tells what to do."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class NoModel(Exception):
    """There is no such model, version or role."""


class Damaged(Exception):
    """The stored bytes of a model are not those that were written."""


class Refused(Exception):
    """What is asked is not allowed: by one person alone, or with data whose licence forbids it."""
