"""Errors of the laboratory; tables that cannot be learned from are `learning.errors.BadTable`."""

from core.errors import Conflict
from core.sentences import Sentence


class NotNow(Conflict):
    """The training is not in a state for this: it runs, or has ended."""

    code = "learning.not_now"
    title = "This training cannot be changed now"


class TableChanged(Conflict):
    """Another table was put in the place of the one that a person saw; `by` is the operator who did."""

    code = "learning.table_changed"
    title = "Another table was put in its place"

    def __init__(self, by: str) -> None:
        super().__init__(Sentence("Another table was put in its place. Look at its columns, and ask again."))
        self.by = by


class Stopped(Exception):
    """Somebody gave the training up, or another process has taken it over: who works on it ends without a word."""
