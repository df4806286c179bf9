"""The words for the state of an order, and for its payments. Pure."""

from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from checkout.models import Order
from checkout.states import OrderReviewStatus, OrderStatus
from core.formats import money_text
from plans.states import InstallmentStatus
from portals.merchant.wording import Pill

STATUS = {
    OrderStatus.PENDING_REVIEW: (_("In review"), "warn"),
    OrderStatus.AUTHORIZED: (_("Authorized"), "info"),
    OrderStatus.PARTIALLY_CAPTURED: (_("Partly captured"), "info"),
    OrderStatus.CAPTURED: (pgettext_lazy("order", "Captured"), "good"),
    OrderStatus.VOIDED: (_("Voided"), "mute"),
    OrderStatus.EXPIRED: (_("Expired"), "mute"),
    OrderStatus.REJECTED: (_("Not approved"), "mute"),
}
INSTALLMENT = {
    InstallmentStatus.SCHEDULED: "later",
    InstallmentStatus.PARTIALLY_PAID: "later",
    InstallmentStatus.PAID: "paid",
    InstallmentStatus.OVERDUE: "late",
    InstallmentStatus.CANCELED: "off",
}
"""The style in which the list of dates draws an installment, by its state."""
ORDER_REVIEW = {
    OrderReviewStatus.WAITING: _("Nobody has looked at it yet. Two people decide together."),
    OrderReviewStatus.PREPARED: _("One person has looked at it. Another one decides."),
}


def order_pill(order: Order, locale: str) -> Pill:
    """Say what state an order is in: the amount refunded, and whether something is left to capture."""
    refunded = money_text(order.refunded_minor, order.currency, locale, "trim")
    if order.status == OrderStatus.PARTIALLY_CAPTURED and order.refunded_minor:
        return Pill(gettext("Partly captured, %(amount)s refunded") % {"amount": refunded}, "info")
    if order.refunded_minor and order.refunded_minor == order.captured_minor:
        return Pill(pgettext("order", "Refunded"), "mute")
    if order.refunded_minor:
        return Pill(gettext("Refunded %(amount)s") % {"amount": refunded}, "mute")
    text, tone = STATUS[order.status]
    return Pill(str(text), tone)
