"""The states of movements, disputes, transfers and breaks, and the transitions between them."""

from enum import StrEnum

from core.states import Machine


class CheckState(StrEnum):
    """The answer of a bank that was asked to confirm a card: none yet, the owner is there, or not."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class MovementStatus(StrEnum):
    """Status of a movement: recorded and perhaps sent, sent without an answer, done, refused, or done and later returned.

    `under_way` is only for charges: the gateway has begun to debit a bank account, which takes days.
    """

    PENDING = "pending"
    UNKNOWN = "unknown"
    UNDER_WAY = "under_way"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REVERSED = "reversed"


MOVEMENT_OPEN = (MovementStatus.PENDING, MovementStatus.UNKNOWN)
"""Movements that wait for an answer."""
MOVEMENT_UNENDED = (*MOVEMENT_OPEN, MovementStatus.UNDER_WAY)
"""Movements that have not ended: they wait for an answer, or are under way."""
MOVEMENT_UNDONE = (MovementStatus.FAILED, MovementStatus.REVERSED)
"""Movements without a lasting effect: refused, or returned."""
MOVEMENT_MADE = (MovementStatus.SUCCEEDED, MovementStatus.REVERSED)
"""Movements that a gateway has made, whether or not they were returned later."""
MOVEMENT_MAY_STAY = (*MOVEMENT_UNENDED, MovementStatus.SUCCEEDED)
"""Movements that a gateway has made or may yet make."""

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
OUTGOING = Machine(
    MovementStatus,
    initial=MOVEMENT.initial,
    transitions={**MOVEMENT.transitions, "confirm": ([MovementStatus.FAILED], MovementStatus.SUCCEEDED)},
)
"""A refund or payout that two people closed as not made succeeds if its gateway later says that it was made."""
CHARGE = Machine(
    MovementStatus,
    initial=MOVEMENT.initial,
    transitions={
        **OUTGOING.transitions,
        "set_out": (MOVEMENT_OPEN, MovementStatus.UNDER_WAY),
        "succeed": (MOVEMENT_UNENDED, MovementStatus.SUCCEEDED),
        "fail": (MOVEMENT_UNENDED, MovementStatus.FAILED),
    },
)
"""A charge may be under way for days. One that was refused because the person had to confirm it can still succeed once they do."""


class DisputeStatus(StrEnum):
    """Status of a dispute: the bank has not decided, decided for us, or decided for the cardholder."""

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
"""A later instance may reverse the decision of a dispute."""


class TransferStatus(StrEnum):
    """Status of a transfer by hand: wanted, sent by one operator, confirmed by another, or canceled."""

    WANTED = "wanted"
    SENT = "sent"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


TRANSFER_PAYS = (TransferStatus.SENT, TransferStatus.CONFIRMED)
"""Transfers that are paying or have paid the refund."""
TRANSFER_OVER = (TransferStatus.CONFIRMED, TransferStatus.REJECTED)
"""Transfers that need no more work; a confirmed one may yet come back."""
TRANSFER = Machine(
    TransferStatus,
    initial=[TransferStatus.WANTED],
    transitions={
        "send": ([TransferStatus.WANTED], TransferStatus.SENT),
        "confirm": ([TransferStatus.SENT], TransferStatus.CONFIRMED),
        "reject": ([TransferStatus.WANTED, TransferStatus.SENT], TransferStatus.REJECTED),
        "come_back": ([TransferStatus.CONFIRMED], TransferStatus.REJECTED),
    },
)


class BreakStatus(StrEnum):
    """Whether somebody still has to look into a break."""

    OPEN = "open"
    CLOSED = "closed"


BREAK = Machine(BreakStatus, initial=[BreakStatus.OPEN], transitions={"close": ([BreakStatus.OPEN], BreakStatus.CLOSED)})
