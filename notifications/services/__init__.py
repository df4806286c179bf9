"""Writes of messages: queued, sent, read."""

from notifications.services.inbox import mark_all_read, mark_read
from notifications.services.queueing import queue_for_consumer, queue_for_users
from notifications.services.sending import send_messages

__all__ = ["mark_all_read", "mark_read", "queue_for_consumer", "queue_for_users", "send_messages"]
