"""Errors of the laboratory; tables that cannot be learned from are `learning.errors.BadTable`."""

from core.errors import Conflict


class NotNow(Conflict):
    """The training is not in a state for this: it runs, or has ended."""

    code = "learning.not_now"
    title = "This training cannot be changed now"


class Stopped(Exception):
    """Somebody gave the training up, or another process has taken it over: who works on it ends without a word."""
