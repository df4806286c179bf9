"""Errors of plans."""

from core.errors import Conflict, Invalid


class NotOffered(Invalid):
    """The product is not offered for this amount here."""

    code = "plans.not_offered"


class SomethingElse(Conflict):
    """The amount to pay differs from the amount shown: something was paid, changed or fell due meanwhile."""

    code = "plans.something_else"


class AmountTooSmall(Conflict):
    """The amount is below the smallest card charge."""

    code = "plans.amount_too_small"


class LeavesTooLittle(Conflict):
    """The amount would leave less of a plan than can be charged later."""

    code = "plans.leaves_too_little"


class NothingToPay(Conflict):
    """Nothing of the plan is open, or a payment for it is already under way."""

    code = "plans.nothing_to_pay"
