"""Events that plans hear."""

import uuid
from datetime import datetime

from accounts.events import ConsumerMoved
from accounts.models import Consumer
from core.ids import parse_id
from payments.events import ChargesSettled, MethodEnabled
from plans.services import collect_again, move_plans, settle_charges


def on_charges_settled(event: ChargesSettled, *, at: datetime) -> None:
    """Let the charges that succeeded pay their installments, in the transaction that records them."""
    if event.succeeded:
        settle_charges(charge_ids=[uuid.UUID(key) for key in event.succeeded], at=at)


def on_consumer_moved(event: ConsumerMoved, *, at: datetime) -> None:
    """Let the days of open plans begin where the consumer lives now."""
    move_plans(consumer_id=parse_id(Consumer.PREFIX, event.consumer), time_zone=event.time_zone, at=at)


def on_method_enabled(event: MethodEnabled, *, at: datetime) -> None:
    """Charge again what was left alone for want of a card."""
    collect_again(consumer_id=parse_id(Consumer.PREFIX, event.consumer), at=at)
