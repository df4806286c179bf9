"""Errors of plans."""

from core.errors import Conflict, Invalid
from core.sentences import marked


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


class GivenUp(Conflict):
    """The plan was given up: it has no more fees, no relief, and no other dates."""

    code = "plans.charged_off"


REFUSED_RELIEF = {
    "closed": marked("The payments of this purchase cannot be changed now."),
    "under_way": marked("A payment is on its way. Try again in a few minutes."),
    "used": marked("Your payments were changed already. A person helps you with more."),
    "not_offered": marked("This is not offered any more. Please look at it again."),
}
"""Why a person in hardship cannot choose relief by themselves."""


REFUSED_RETURN = {
    "used": marked("You have told us of a return of this purchase before. Ask the shop how it stands."),
    "closed": marked("The payments of this purchase cannot be changed now."),
    "under_way": marked("A payment is on its way. Try again in a few minutes."),
}
"""Why a person cannot say that they have sent the goods of a purchase back."""


class RelievedByTwo(Conflict):
    """So much relief is offered by two people only."""

    code = "plans.relieved_by_two"


class WaivedByTwo(Conflict):
    """So much of a purchase's fees is waived by two people only."""

    code = "plans.waived_by_two"


class RearrangedByTwo(Conflict):
    """Payments of which so much is open are laid out anew by two people only."""

    code = "plans.rearranged_by_two"
