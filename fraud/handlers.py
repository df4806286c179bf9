"""Event handlers of fraud."""

from datetime import datetime

from accounts.events import ConsumerErased
from accounts.models import Consumer
from core.ids import parse_id
from fraud.services import erase


def on_consumer_erased(event: ConsumerErased, *, at: datetime) -> None:
    """Forget what was seen of a person who was erased."""
    erase(consumer_id=parse_id(Consumer.PREFIX, event.consumer), at=at)
