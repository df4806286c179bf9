"""In which states a movement of money, a dispute and a break can be, and what leads from one to another."""

from enum import StrEnum

from core.states import Machine


class MovementStatus(StrEnum):
    """Where a movement stands: made and perhaps asked for, asked for without an answer, done, refused, or done and come back."""

    PENDING = "pending"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REVERSED = "reversed"


MOVEMENT_OPEN = (MovementStatus.PENDING, MovementStatus.UNKNOWN)
"""Movements that wait for an answer."""
MOVEMENT_UNDONE = (MovementStatus.FAILED, MovementStatus.REVERSED)
"""Movements of which nothing stays: refused, or come back."""
MOVEMENT_MADE = (MovementStatus.SUCCEEDED, MovementStatus.REVERSED)
"""Movements that a gateway has made, whether or not they came back."""
MOVEMENT_MAY_STAY = (*MOVEMENT_OPEN, MovementStatus.SUCCEEDED)
"""Movements that are made, or may be."""

MOVEMENT = Machine(
    MovementStatus,
    initial=[MovementStatus.PENDING],
    transitions={
        "lose": ([MovementStatus.PENDING], MovementStatus.UNKNOWN),
        "succeed": (MOVEMENT_OPEN, MovementStatus.SUCCEEDED),
        "fail": (MOVEMENT_OPEN, MovementStatus.FAILED),
        "come_back": ([MovementStatus.SUCCEEDED], MovementStatus.REVERSED),
    },
)
CHARGE = Machine(
    MovementStatus,
    initial=MOVEMENT.initial,
    transitions={**MOVEMENT.transitions, "confirm": ([MovementStatus.FAILED], MovementStatus.SUCCEEDED)},
)
"""A movement that can also be confirmed by its person after it was refused for want of that."""


class DisputeStatus(StrEnum):
    """Where a dispute stands: the bank has not decided, or has for one of the two."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


DISPUTE = Machine(
    DisputeStatus,
    initial=[DisputeStatus.OPEN],
    transitions={
        "win": ([DisputeStatus.OPEN, DisputeStatus.LOST], DisputeStatus.WON),
        "lose": ([DisputeStatus.OPEN, DisputeStatus.WON], DisputeStatus.LOST),
    },
)
"""A dispute that was decided may be decided otherwise, by a later instance."""


class TransferStatus(StrEnum):
    """Where a transfer by hand stands: wanted, sent by one operator, confirmed by another, or given up."""

    WANTED = "wanted"
    SENT = "sent"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


TRANSFER_PAYS = (TransferStatus.SENT, TransferStatus.CONFIRMED)
"""Transfers by which what is owed is on its way or there."""
TRANSFER_OVER = (TransferStatus.CONFIRMED, TransferStatus.REJECTED)
"""Transfers of which nothing is to be done any more."""
TRANSFER = Machine(
    TransferStatus,
    initial=[TransferStatus.WANTED],
    transitions={
        "send": ([TransferStatus.WANTED], TransferStatus.SENT),
        "confirm": ([TransferStatus.SENT], TransferStatus.CONFIRMED),
        "reject": ([TransferStatus.WANTED, TransferStatus.SENT], TransferStatus.REJECTED),
    },
)


class BreakStatus(StrEnum):
    """Whether somebody still has to look into a break."""

    OPEN = "open"
    CLOSED = "closed"


BREAK = Machine(BreakStatus, initial=[BreakStatus.OPEN], transitions={"close": ([BreakStatus.OPEN], BreakStatus.CLOSED)})
