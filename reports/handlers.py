"""The events that the daily figures handle; each handler runs asynchronously and once."""

from datetime import datetime

from checkout.events import (
    CheckoutOpened,
    OrderApproved,
    OrderAuthorized,
    OrderCaptured,
    OrderExpired,
    OrderHeld,
    OrderRefunded,
    OrderReleased,
    OrderVoided,
    StepReached,
)
from checkout.models import Order
from core.ids import parse_id
from reports import services


def on_checkout_opened(event: CheckoutOpened, *, at: datetime) -> None:
    """Count an opened checkout."""
    services.add_to_day(merchant_id=parse_id("mer", event.merchant), at=at, opened=1)


def on_step_reached(event: StepReached, *, at: datetime) -> None:
    """Count a checkout whose consumer was identified, approved or declined."""
    if event.step in {"identified", "approved", "declined"}:
        services.add_to_day(merchant_id=parse_id("mer", event.merchant), at=at, **{event.step: 1})


def on_order_authorized(event: OrderAuthorized, *, at: datetime) -> None:
    """Count a sale."""
    order, merchant = parse_id("ord", event.order), parse_id("mer", event.merchant)
    services.add_sale(order_id=order, merchant_id=merchant, amount_minor=event.amount_minor, at=at)


def on_order_held(event: OrderHeld, *, at: datetime) -> None:
    """Count a finished checkout whose order is under review."""
    services.add_to_day(merchant_id=parse_id("mer", event.merchant), at=at, finished=1)


def on_order_approved(event: OrderApproved, *, at: datetime) -> None:
    """Take back the finished checkout counted when the review began, because the sale counts it again now."""
    services.add_to_day(merchant_id=parse_id("mer", event.merchant), at=at, finished=-1)


def on_order_ended(event: OrderVoided | OrderReleased | OrderExpired, *, at: datetime) -> None:
    """Take back the uncaptured amount of an order that was voided, released or has expired; a held order was not counted as a sale."""
    order = Order.objects.only("merchant_id", "authorized_at", "captured_minor", "released_minor").get(id=parse_id("ord", event.order))
    if order.authorized_at is not None:
        services.take_back_sale(
            order_id=order.id,
            merchant_id=order.merchant_id,
            released_minor=order.released_minor,
            sent_some=bool(order.captured_minor),
            at=order.authorized_at,
        )


def on_order_captured(event: OrderCaptured, *, at: datetime) -> None:
    """Add the captured amount."""
    services.add_to_day(merchant_id=parse_id("mer", event.merchant), at=at, captured_minor=event.amount_minor)


def on_order_refunded(event: OrderRefunded, *, at: datetime) -> None:
    """Count a refund and add its amount."""
    services.add_to_day(merchant_id=parse_id("mer", event.merchant), at=at, refunded_minor=event.amount_minor, refunds=1)
