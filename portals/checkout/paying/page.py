"""The words of the checkout's last page."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from checkout.models import Order
from checkout.states import OrderStatus


@dataclass(frozen=True, slots=True)
class End:
    """The words of the last page: icon, heading, and what happens next with the order.

    `tab` replaces the page's usual title; with `may_ask` the page offers to contact a person.
    """

    icon: str
    title: str
    text: str
    tab: str = ""
    may_ask: bool = False


def end_of(order: Order) -> End:
    """Say what state a checkout's order is in."""
    shop = {"shop": order.merchant.name}
    if order.status == OrderStatus.PENDING_REVIEW:
        title = _("A person is checking your purchase")
        text = _(
            "Usually this takes less than a day. We write to you and tell the shop when it is decided. Nothing is charged before then."
        )
        return End("clock", title, text, tab=title)
    if order.status == OrderStatus.REJECTED:
        text = _("Nothing was charged. The shop has other ways to pay.")
        return End("x-mark", _("We could not approve this purchase"), text, may_ask=True)
    if order.status == OrderStatus.VOIDED:
        return End("x-mark", _("This purchase ended"), _("The shop canceled it, so you owe nothing."))
    if order.status == OrderStatus.EXPIRED and order.authorized_at:
        return End("x-mark", _("This purchase ended"), _("The shop did not ship it, so you owe nothing."))
    if order.status == OrderStatus.EXPIRED:
        return End("x-mark", _("This purchase ended"), _("We did not finish checking it in time, so you owe nothing."))
    text = _("%(shop)s has your order. We remind you three days before each payment to come.")
    if order.capture == "manual":
        text = _("%(shop)s has your order. We write to you when it ships, and remind you three days before each payment that has a date.")
    return End("check", _("Your payment plan is set"), text % shop)
