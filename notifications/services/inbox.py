"""Read marks in a consumer's inbox."""

from datetime import datetime

from accounts.models import Consumer
from core.db import unit
from notifications.models import Message


def mark_all_read(*, consumer: Consumer, at: datetime) -> int:
    """Mark all of a consumer's inbox as read and return how many messages that changed."""
    with unit():
        return Message.objects.filter(consumer=consumer, channel="inbox", read_at=None).update(read_at=at)
