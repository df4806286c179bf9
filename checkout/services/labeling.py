"""Labels of fraud: what banks say of disputed charges, and what operators say of orders."""

import uuid
from datetime import datetime

from accounts.models import User
from checkout.models import Order
from checkout.queries import find_order_of_plan
from core.errors import refuse, require, why_fault
from core.ids import parse_id
from core.money import Money
from fraud.desk.services import MAY_LABEL
from fraud.models import Label
from fraud.network.services import put_label
from fraud.network.services.labeling import Sale
from fraud.states import LabelSource
from payments.models import Dispute
from plans.models import Plan

ABOUT_FRAUD = "fraud"
"""How reasons of disputes begin that say that the cardholder did not buy."""


def label_dispute(*, dispute_id: uuid.UUID, at: datetime) -> None:
    """Label the order of a lost dispute as fraud where the bank says that the cardholder did not buy; a repeated call changes nothing."""
    dispute = Dispute.objects.get(pk=dispute_id)
    if not dispute.reason.startswith(ABOUT_FRAUD):
        return
    # A charge is for a plan, by its public id.
    order = find_order_of_plan(parse_id(Plan.PREFIX, dispute.reference))
    if order is not None:
        put_label(
            consumer_id=order.consumer_id,
            is_fraud=True,
            source=LabelSource.CHARGEBACK,
            actor=f"dispute:{dispute.public_id}",
            reason=dispute.reason,
            sale=sale_of(order),
            at=at,
        )


def label_order(*, order: Order, user: User, is_fraud: bool, reason: str, at: datetime) -> Label:
    """Label an order as fraud or as honest; the label before it ends, and a repeated call changes nothing.

    Forbidden; Invalid names `reason`.
    """
    require(user, MAY_LABEL)
    refuse({"reason": why_fault(reason)})
    return put_label(
        consumer_id=order.consumer_id,
        is_fraud=is_fraud,
        source=LabelSource.DESK,
        actor=str(user.pk),
        reason=reason,
        sale=sale_of(order),
        at=at,
    )


def sale_of(order: Order) -> Sale:
    """Return what a label says of an order; its merchant is read."""
    return Sale(order.public_id, order.merchant.public_id, Money(order.amount_minor, order.currency))
