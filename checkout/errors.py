"""What may go wrong at checkout and with orders."""

from core.errors import Conflict, Invalid


class CheckoutClosed(Conflict):
    """The checkout is completed, expired or canceled."""

    code = "checkout.not_open"


class ItemsMismatch(Invalid):
    """The lines and the amount do not add up."""

    code = "checkout.items_mismatch"


class Declined(Conflict):
    """The credit decision says no."""

    code = "checkout.declined"


class CardDeclined(Conflict):
    """The card did not take the first payment; nothing was charged."""

    code = "checkout.card_declined"


class AmountTooLarge(Invalid):
    """More than what is left to capture or refund."""

    code = "order.amount_too_large"


class WrongState(Conflict):
    """The order's state does not allow it."""

    code = "order.wrong_state"


class SamePerson(Conflict):
    """Two different people have to act on a held order."""

    code = "review.same_person"


class PreparedAnew(Conflict):
    """The preparation is another one than the person has seen."""

    code = "review.prepared_anew"
