"""Read marks in a consumer's inbox."""

import uuid
from datetime import datetime

from accounts.models import Consumer
from core.db import unit
from notifications.models import Message
from notifications.queries import lock_message


def mark_read(*, consumer: Consumer, message_id: uuid.UUID, at: datetime) -> None:
    """Mark a message of a consumer's own inbox as read; NotFound. Reading it again changes nothing."""
    with unit():
        message = lock_message(message_id, consumer)
        if message.read_at is None:
            message.read_at = at
            message.save(update_fields=["read_at"])


def mark_all_read(*, consumer: Consumer, at: datetime) -> int:
    """Mark all of a consumer's inbox as read and return how many messages that changed."""
    with unit():
        return Message.objects.filter(consumer=consumer, channel="inbox", read_at=None).update(read_at=at)
