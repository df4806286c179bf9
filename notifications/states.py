"""The states of messages, and their transitions."""

from enum import StrEnum

from core.states import Machine


class MessageStatus(StrEnum):
    """The status of a message: queued, sent, refused by the channel, or dropped as outdated."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


# Messages for the inbox need no sending.
MESSAGE = Machine(
    MessageStatus,
    initial=[MessageStatus.QUEUED, MessageStatus.SENT],
    transitions={
        "send": ([MessageStatus.QUEUED], MessageStatus.SENT),
        "fail": ([MessageStatus.QUEUED], MessageStatus.FAILED),
        "drop": ([MessageStatus.QUEUED], MessageStatus.DROPPED),
    },
)
