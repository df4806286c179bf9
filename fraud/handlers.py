"""Event handlers of fraud."""

from datetime import datetime
from typing import Any

from accounts.events import ConsumerErased
from accounts.models import Consumer
from core.ids import parse_id
from fraud.laundering.services import forget_behavior
from fraud.services import erase


def on_consumer_erased(event: ConsumerErased, *, at: datetime) -> None:
    """Forget what was seen of a person who was erased, and how they behaved."""
    told: Any = {"consumer_id": parse_id(Consumer.PREFIX, event.consumer), "at": at}
    erase(**told)
    forget_behavior(**told)
