"""Fraud labels: from banks, about disputed charges, and from operators, about orders."""

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
"""The prefix of dispute reasons that mean that the cardholder did not buy."""


def label_dispute(*, dispute_id: uuid.UUID, at: datetime) -> None:
    """Label the order of a lost dispute as fraud if the bank says that the cardholder did not buy. Safe to repeat."""
    dispute = Dispute.objects.get(pk=dispute_id)
    if not dispute.reason.startswith(ABOUT_FRAUD):
        return
    # A charge's reference is its plan's public id.
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
    """Label an order as fraud or as honest; an earlier label ends. Safe to repeat.

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
    """Return the facts of an order for its label; reads the merchant."""
    return Sale(order.public_id, order.merchant.public_id, Money(order.amount_minor, order.currency))
