"""Handlers of events that change payment methods."""

from datetime import datetime

from accounts.events import ConsumerErased
from accounts.models import Consumer
from core.ids import parse_id
from payments.services import forget_methods


def on_consumer_erased(event: ConsumerErased, *, at: datetime) -> None:
    """Forget the payment methods of a person who was erased."""
    forget_methods(consumer_id=parse_id(Consumer.PREFIX, event.consumer), at=at)
