"""Errors of checkouts and orders."""

from core.errors import Conflict, Invalid


class CheckoutClosed(Conflict):
    """The checkout is completed, expired or canceled."""

    code = "checkout.not_open"


class ShopSuspended(CheckoutClosed):
    """The shop is suspended: no new checkouts, and nobody can buy in open ones."""

    code = "checkout.shop_suspended"


class ItemsMismatch(Invalid):
    """The lines and the amount do not add up."""

    code = "checkout.items_mismatch"


class TwoPeople(Conflict):
    """The amount is too large for one operator; another person has to agree."""

    code = "order.takes_two_people"


class Declined(Conflict):
    """The credit decision is to decline."""

    code = "checkout.declined"


class PicturesNeeded(Conflict):
    """A purchase of this size needs pictures of a document before it goes on; nothing was charged."""

    code = "checkout.pictures_needed"


class ProofNeeded(Conflict):
    """The person has to enter another one-time code before this purchase goes on; nothing was charged."""

    code = "checkout.proof_needed"


class CardCheckNeeded(Conflict):
    """The bank has to confirm the card (3-D Secure) before this purchase goes on; nothing was charged."""

    code = "checkout.card_check_needed"


class CardDeclined(Conflict):
    """The card declined the first payment; nothing was charged."""

    code = "checkout.card_declined"


class NoCounterOffer(Conflict):
    """There is no counter-offer that could be accepted."""

    code = "checkout.no_counter_offer"


class AmountTooLarge(Invalid):
    """The amount exceeds what is left to capture or refund."""

    code = "order.amount_too_large"


class WrongState(Conflict):
    """The order's state does not allow it."""

    code = "order.wrong_state"


class DepositNotPaid(Conflict):
    """The deposit of the order is not paid, so nothing can be captured yet."""

    code = "order.deposit_not_paid"


class SamePerson(Conflict):
    """One operator tried to do both steps of a held order, which takes two different people."""

    code = "review.same_person"


class PreparedAnew(Conflict):
    """The preparation has changed since the person saw it."""

    code = "review.prepared_anew"
