"""What messages about orders share: their facts about an order, and their recipients."""

from datetime import datetime
from typing import Any

from accounts.models import Consumer, User
from checkout.models import Order
from collection.queries import card_of_plan
from core.clock import local_date
from credit.adverse import notice_of_refusal
from notifications.facts import order_context
from notifications.models import Notice
from notifications.queries import (
    find_charge,
)
from notifications.services import queue_for_consumer, queue_for_users
from plans.queries import installments_of


def card_of_order(order: Order, at: datetime) -> str | None:
    """Return the card to which the next payment of an order's plan is charged."""
    card = card_of_plan(order.plan, installments_of(order.plan), local_date(at, order.plan.time_zone))
    return card.public_id if card is not None else None


def card_of_charge(charge: str) -> str | None:
    """Return the card of a charge."""
    found = find_charge(charge)
    return found.payment_method.public_id if found is not None else None


def tell(
    order: Order, kind: str, subject: str, context: dict[str, Any], at: datetime, *, facts: dict[str, Any] | None = None, by: str = ""
) -> None:
    """Queue a message about an order to its consumer, once for a kind and subject; unknown values are left out.

    `by` is the one channel that the person chose.
    """
    told = {key: value for key, value in (order_context(order) | context).items() if value is not None}
    queue_for_consumer(consumer=order.consumer, kind=kind, subject=subject, context=told, facts=facts, by=by, at=at)


def alert(order: Order, kind: str, users: list[User], context: dict[str, Any], at: datetime, *, once: str = "") -> None:
    """Queue a message about an order to users, once for a kind and the order, or for `once`."""
    queue_for_users(users=users, kind=kind, subject=once or order.public_id, context=order_context(order) | context, at=at)


def notice_of_refusal_to(consumer: Consumer, at: datetime) -> dict[str, Any]:
    """Return what the current law requires in a notice of refusal."""
    return notice_of_refusal(consumer.market_id, local_date(at, consumer.time_zone), brand=str(consumer.brand_id))


def of_notice(kept: Notice) -> dict[str, Any]:
    """Return what a message needs to show a kept notice: its public id, and the language in which it was written."""
    return {"kept": kept.public_id, "language": kept.paper["language"]}
