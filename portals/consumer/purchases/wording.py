"""The words for the state of a purchase: pills and notes. Pure, except for translation."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from checkout.models import Order
from checkout.states import OrderStatus
from core.formats import day_text, money_text
from plans.models import Installment
from plans.states import InstallmentStatus, PlanStatus
from plans.texts import late_words
from portals.consumer.purchases.queries import Purchase


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a purchase in a few words: a pill that asks for attention, or a note."""

    note: str = ""
    pill: str = ""
    tone: str = "mute"


_ENDED = {
    OrderStatus.VOIDED: gettext_noop("Canceled by the shop"),
    OrderStatus.EXPIRED: gettext_noop("The shop did not ship it"),
    OrderStatus.REJECTED: gettext_noop("Not approved"),
}


def standing_of(purchase: Purchase, today: date, locale: str) -> Standing:
    """Say what state a purchase is in on a day."""
    order = purchase.order
    if order.status == OrderStatus.PENDING_REVIEW or purchase.owes_deposit:
        owes = purchase.owes_deposit
        return Standing(pill=_("Deposit not paid") if owes else _("Being checked"), tone="bad" if owes else "info")
    if purchase.is_to_ship:
        return Standing(note=_("Waiting for the shop to ship it"))
    if order.plan.status == PlanStatus.CANCELED:
        return Standing(note=_ended(order))
    if not purchase.opened:
        if order.remaining_authorized_minor:
            amount = money_text(order.remaining_authorized_minor, order.currency, locale)
            return Standing(note=_("Paid so far · %(amount)s not shipped yet") % {"amount": amount})
        refunded = purchase.rows and all(row.status == InstallmentStatus.CANCELED for row in purchase.rows)
        return Standing(note=_("Refunded in full") if refunded else _("Paid in full"))
    following = next(iter(purchase.to_charge), None)
    return _standing_of_open(purchase, following, today, locale) if following else Standing(note=_("Too little is left to charge a card"))


def _ended(order: Order) -> str:
    """Say why a purchase ended. One that expired during the review was never authorized, so the shop did not fail to ship it."""
    if order.status == OrderStatus.EXPIRED and order.authorized_at is None:
        return _("We did not finish checking it in time")
    return _(_ENDED.get(order.status, gettext_noop("Canceled")))


def _standing_of_open(purchase: Purchase, row: Installment, today: date, locale: str) -> Standing:
    if purchase.is_given_up or purchase.is_stopped:
        given_up = purchase.is_given_up
        return Standing(pill=_("Not paid in time") if given_up else _("Payments stopped"), tone="bad" if given_up else "info")
    day = day_text(row.due_date, locale)
    if row.charge_id:
        return Standing(note=_("A payment is on its way"))
    if row.is_late(today):
        since = purchase.again_since(row)
        text, begun = (_("Owed again since %(day)s"), since) if since else (_("Late since %(day)s"), row.due_date)
        note = "" if since else late_words(row.days_late(today))
        return Standing(note=note, pill=text % {"day": day_text(begun, locale, "short")}, tone="bad")
    if row.last_failure:
        return Standing(pill=_("Payment failed"), tone="bad")
    if purchase.order.plan.repay_by is not None:
        return Standing(note=_("Withdrawn · pay back by %(day)s") % {"day": day})
    leaves = purchase.order.plan.settling_until is not None
    return Standing(note=_("We take nothing by ourselves for now") if leaves else _("Next %(day)s") % {"day": day})


def late_count(purchase: Purchase, today: date) -> int:
    """Return how many installments are late."""
    return 0 if purchase.is_stopped else sum(1 for row in purchase.opened if row.is_late(today))
