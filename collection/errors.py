"""Errors of collection."""

from core.errors import Conflict


class HoldsDeposit(Conflict):
    """The card cannot be removed while it holds the deposit of a purchase."""

    code = "collection.holds_deposit"


class LastMethod(Conflict):
    """The card cannot be removed while something is still to be paid with it."""

    code = "collection.last_method"
