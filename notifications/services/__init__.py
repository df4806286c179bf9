"""Writes of messages: queued, sent, read."""

from notifications.services.again import MAY_RESEND, resend_message
from notifications.services.inbox import mark_all_read
from notifications.services.keeping import keep_cut, keep_late_notice, keep_refusal, keep_rejection
from notifications.services.late import make_room, tell_late
from notifications.services.posting import MAY_POST, leave_letter, post_letters, print_letters
from notifications.services.queueing import queue_for_auditors, queue_for_consumer, queue_for_users
from notifications.services.sending import send_messages

__all__ = [
    "MAY_POST",
    "MAY_RESEND",
    "keep_cut",
    "keep_late_notice",
    "keep_refusal",
    "keep_rejection",
    "leave_letter",
    "make_room",
    "mark_all_read",
    "post_letters",
    "print_letters",
    "queue_for_auditors",
    "queue_for_consumer",
    "queue_for_users",
    "resend_message",
    "send_messages",
    "tell_late",
]
