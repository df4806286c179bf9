"""The portal's words for orders, plans, payouts, keys and people: pills and names. Pure."""

from dataclasses import dataclass

from accounts.models import Consumer
from checkout.models import Order
from checkout.states import OrderReviewStatus, OrderStatus
from merchants.models import Settlement
from payments.states import MovementStatus
from plans.states import InstallmentStatus
from portals.contacts import mask
from portals.formats import money_text

STATUS = {
    OrderStatus.PENDING_REVIEW: ("In review", "warn"),
    OrderStatus.AUTHORIZED: ("Authorized", "info"),
    OrderStatus.PARTIALLY_CAPTURED: ("Partly captured", "info"),
    OrderStatus.CAPTURED: ("Captured", "good"),
    OrderStatus.VOIDED: ("Voided", "mute"),
    OrderStatus.EXPIRED: ("Expired", "mute"),
    OrderStatus.REJECTED: ("Not approved", "mute"),
}
INSTALLMENT = {
    InstallmentStatus.SCHEDULED: "later",
    InstallmentStatus.PARTIALLY_PAID: "later",
    InstallmentStatus.PAID: "paid",
    InstallmentStatus.OVERDUE: "late",
    InstallmentStatus.CANCELED: "off",
}
"""State of an installment as the list of dates draws it."""
INSTALLMENT_PILLS = {
    InstallmentStatus.SCHEDULED: ("Planned", "mute"),
    InstallmentStatus.PARTIALLY_PAID: ("Partly paid", "info"),
    InstallmentStatus.PAID: ("Paid", "good"),
    InstallmentStatus.OVERDUE: ("Late", "bad"),
    InstallmentStatus.CANCELED: ("Canceled", "mute"),
}
PAYOUT = {
    MovementStatus.PENDING: ("On its way", "info"),
    MovementStatus.UNKNOWN: ("On its way", "info"),
    MovementStatus.SUCCEEDED: ("Paid out", "good"),
    MovementStatus.FAILED: ("Came back", "bad"),
    MovementStatus.REVERSED: ("Came back", "bad"),
}
ORDER_REVIEW = {
    OrderReviewStatus.WAITING: "Nobody has looked at it yet. Two people decide together.",
    OrderReviewStatus.PREPARED: "One person has looked at it. Another one decides.",
}
ROLES = {
    "owner": "everything, also keys, webhooks and the team",
    "manager": "captures, refunds, voids, and how checkout looks",
    "finance": "sees all and refunds",
    "developer": "sees all, and keys and webhooks",
    "viewer": "sees orders, settlements and figures",
}


@dataclass(frozen=True, slots=True)
class Pill:
    """A word and its tone."""

    text: str
    tone: str


def order_pill(order: Order, locale: str) -> Pill:
    """Say how an order stands: the amount refunded, and whether something is left to capture."""
    refunded = money_text(order.refunded_minor, order.currency, locale, "trim")
    if order.status == OrderStatus.PARTIALLY_CAPTURED and order.refunded_minor:
        return Pill(f"Partly captured, {refunded} refunded", "info")
    if order.refunded_minor and order.refunded_minor == order.captured_minor:
        return Pill("Refunded", "mute")
    if order.refunded_minor:
        return Pill(f"Refunded {refunded}", "mute")
    return Pill(*STATUS[order.status])


def payout_pill(settlement: Settlement) -> Pill:
    """Say what became of a statement's payout."""
    if settlement.held:
        return Pill("Kept for you", "warn")
    if settlement.payout is None:
        return Pill("Nothing to pay out", "mute") if settlement.closing_minor >= 0 else Pill("Carried over", "warn")
    return Pill(*PAYOUT[settlement.payout.status])


def order_number(reference: str, public_id: str) -> str:
    """Return the shop's own number of an order, `#10482` where it is one, else our id."""
    if not reference:
        return public_id
    return f"#{reference}" if reference.isdigit() else reference


def short_name(consumer: Consumer) -> str:
    """Return a customer as a shop sees them: first letter and family name, else their contact, masked."""
    words = consumer.name.split()
    if not words:
        return mask(consumer.email) or mask(consumer.phone)
    return words[0] if len(words) == 1 else f"{words[0][0].upper()}. {words[-1]}"


def initials_of(consumer: Consumer) -> str:
    """Return the letters of a customer's avatar."""
    words = consumer.name.split()
    return "".join(word[0].upper() for word in (words[:1] + words[1:][-1:])) or "?"
