"""The words for how an order stands, and for its payments. Pure."""

from checkout.models import Order
from checkout.states import OrderReviewStatus, OrderStatus
from plans.states import InstallmentStatus
from portals.formats import money_text
from portals.merchant.wording import Pill

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
ORDER_REVIEW = {
    OrderReviewStatus.WAITING: "Nobody has looked at it yet. Two people decide together.",
    OrderReviewStatus.PREPARED: "One person has looked at it. Another one decides.",
}


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
