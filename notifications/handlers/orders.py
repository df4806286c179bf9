"""Messages about orders: placed, held, decided, shipped, ended, refunded."""

from datetime import datetime
from typing import Any

from checkout.models import Order
from checkout.routing import those_told
from checkout.states import OrderStatus
from core.clock import local_date
from core.outbox import Event
from notifications.facts import of_change, of_shipment
from notifications.queries import (
    find_review,
    get_order,
    list_review_approvers,
    list_review_operators,
)
from notifications.services import keep_rejection
from notifications.telling import alert, card_of_order, notice_of_refusal_to, of_notice, tell
from plans.queries import find_change, find_deposit


def on_order_authorized(event: Event, *, at: datetime) -> None:
    """Tell the consumer the plan; for an order that was held, the message of approval does so."""
    order = get_order(event.payload()["order"])
    if find_review(order) is None:
        tell(order, "order_authorized", order.public_id, {"schedule": True, "card": order.plan.payment_method.public_id}, at)


def on_order_held(event: Event, *, at: datetime) -> None:
    """Tell the consumer to wait, and tell the operators on the routes who may act on the order."""
    order = get_order(event.payload()["order"])
    tell(order, "order_held", order.public_id, {}, at)
    alert(order, "hold_opened", those_told(find_review(order), list_review_operators(), at.date()), {}, at)


def on_review_prepared(event: Event, *, at: datetime) -> None:
    """Tell the operators who may decide, except the preparer, after each preparation: those on the routes, if there are any."""
    review = find_review(order := get_order(event.payload()["order"]))
    if review is not None and review.prepared_by_id is not None:
        others = [user for user in list_review_approvers() if user.pk != review.prepared_by_id]
        alert(order, "hold_prepared", those_told(review, others, at.date()), {}, at, once=f"{order.public_id}:{at:%y%m%d%H%M%S}")


def on_review_delayed(event: Event, *, at: datetime) -> None:
    """Warn that a held order will expire: the operators on the routes, at the last step also the order's own, and the consumer once."""
    told = event.payload()
    review = find_review(order := get_order(told["order"]))
    if review is None or not review.is_open:
        return
    tell(order, "order_takes_longer", order.public_id, _until(order), at)
    users, once = those_told(review, list_review_operators(), at.date()), f"{order.public_id}:{told['urgency']}"
    alert(order, "hold_delayed", users, _until(order), at, once=once)


def _until(order: Order) -> dict[str, Any]:
    """Return the day on which a held order expires without a decision, in the consumer's time zone."""
    return {"due_date": local_date(order.expires_at, order.consumer.time_zone).isoformat()} if order.expires_at else {}


def on_order_approved(event: Event, *, at: datetime) -> None:
    """Tell the consumer that the order was approved and what the plan is, and tell both operators what was decided."""
    order = get_order(event.payload()["order"])
    tell(order, "order_approved", order.public_id, {"schedule": True, "card": order.plan.payment_method.public_id}, at)
    _tell_deciders(order, "approved", at)


def on_order_rejected(event: Event, *, at: datetime) -> None:
    """Tell the consumer that the order was not approved, and tell both operators what was decided."""
    order = get_order(event.payload()["order"])
    kept = {} if order.consumer.is_erased else of_notice(keep_rejection(order=order, at=at))
    tell(order, "order_rejected", order.public_id, notice_of_refusal_to(order.consumer, at) | kept, at)
    _tell_deciders(order, "rejected", at)


def on_order_voided(event: Event, *, at: datetime) -> None:
    """Tell a consumer who was told a plan that the shop voided the order."""
    order = get_order(event.payload()["order"])
    tell(order, "order_canceled", order.public_id, _deposit_back(order), at)


def _deposit_back(order: Order) -> dict[str, Any]:
    """Return whether a deposit goes back: it was taken, or is being taken at this moment."""
    deposit = find_deposit(order.plan_id)
    return {"deposit_back": True} if deposit and (deposit.paid_minor or deposit.charge_id) else {}


def on_order_expired(event: Event, *, at: datetime) -> None:
    """Tell the consumer that an order expired: nobody decided in time, or the shop shipped nothing or only a part."""
    order = get_order(event.payload()["order"])
    if order.status == OrderStatus.EXPIRED:
        tell(order, "order_not_shipped" if order.authorized_at else "order_undecided", order.public_id, _deposit_back(order), at)
    elif order.released_minor:
        tell(order, "order_released", order.public_id, {"released_minor": order.released_minor} | _deposit_back(order), at)


def on_order_released(event: Event, *, at: datetime) -> None:
    """Tell the consumer that the shop does not ship the rest of an order, and that the rest is not charged."""
    told, order = event.payload(), get_order(event.payload()["order"])
    tell(order, "order_released", told["order"], {"released_minor": told["amount_minor"]} | _deposit_back(order), at)


def on_order_captured(event: Event, *, at: datetime) -> None:
    """Tell the consumer the shipped amount, their payments, days and card, before the first payment is taken.

    A capture at the time of the order is part of the order's message.
    """
    told = event.payload()
    order = get_order(told["order"])
    if order.capture == "automatic":
        return
    rest = order.amount_minor - told["amount_minor"]
    waiting = order.remaining_authorized_minor if told["remaining_minor"] < 0 else told["remaining_minor"]
    context = {
        "amount_minor": told["amount_minor"],
        "in_part": rest > 0,
        "waiting_minor": waiting or None,
        "card": card_of_order(order, at),
    }
    change = find_change(order.plan, "capture", told["capture"])
    tell(order, "order_shipped", told["capture"], context, at, facts=of_shipment(order, change) if change else {})


def on_order_refunded(event: Event, *, at: datetime) -> None:
    """Tell the consumer what the shop refunded."""
    told = event.payload()
    order = get_order(told["order"])
    context = {"refund": told["refund"], "amount_minor": told["amount_minor"]}
    change = find_change(order.plan, "refund", told["refund"])
    tell(order, "order_refunded", told["refund"], context, at, facts=of_change(change, order.currency) if change else {})


def _tell_deciders(order: Order, outcome: str, at: datetime) -> None:
    """Tell the operators who prepared and decided; nobody if the data source's review decided alone."""
    review = find_review(order)
    if review is not None:
        people = {user.pk: user for user in (review.prepared_by, review.approved_by, review.rejected_by) if user is not None}
        alert(order, "hold_decided", list(people.values()), {"outcome": outcome}, at)
