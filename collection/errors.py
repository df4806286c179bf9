"""Errors of collection."""

from core.errors import Conflict


class LastMethod(Conflict):
    """The card cannot be removed while something is still to be paid with it."""

    code = "collection.last_method"
