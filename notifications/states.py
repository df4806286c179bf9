"""In which states a message can be, and what leads from one to another."""

from enum import StrEnum

from core.states import Machine


class MessageStatus(StrEnum):
    """Where a message stands: it waits, it went out, the channel refused it, or it was no longer true."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


# What is for the inbox needs no sending.
MESSAGE = Machine(
    MessageStatus,
    initial=[MessageStatus.QUEUED, MessageStatus.SENT],
    transitions={
        "send": ([MessageStatus.QUEUED], MessageStatus.SENT),
        "fail": ([MessageStatus.QUEUED], MessageStatus.FAILED),
        "drop": ([MessageStatus.QUEUED], MessageStatus.DROPPED),
    },
)
