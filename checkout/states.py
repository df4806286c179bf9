"""The states of checkouts, orders and reviews of held orders, and their transitions."""

from enum import StrEnum

from core.states import Machine


class CheckoutStatus(StrEnum):
    """The status of a checkout: open until there is an order, until it expires, or until the consumer cancels."""

    OPEN = "open"
    COMPLETED = "completed"
    EXPIRED = "expired"
    CANCELED = "canceled"


CHECKOUT = Machine(
    CheckoutStatus,
    initial=[CheckoutStatus.OPEN],
    transitions={
        "complete": ([CheckoutStatus.OPEN], CheckoutStatus.COMPLETED),
        "expire": ([CheckoutStatus.OPEN], CheckoutStatus.EXPIRED),
        "cancel": ([CheckoutStatus.OPEN], CheckoutStatus.CANCELED),
    },
)


class OrderStatus(StrEnum):
    """The status of an order: held for review by two people, authorized, captured, or ended without a capture."""

    PENDING_REVIEW = "pending_review"
    AUTHORIZED = "authorized"
    PARTIALLY_CAPTURED = "partially_captured"
    CAPTURED = "captured"
    VOIDED = "voided"
    EXPIRED = "expired"
    REJECTED = "rejected"


ORDER_OPEN = (OrderStatus.PENDING_REVIEW, OrderStatus.AUTHORIZED, OrderStatus.PARTIALLY_CAPTURED)
"""Orders of which something may still be captured, now or after their review."""
ORDER_CAPTURABLE = (OrderStatus.AUTHORIZED, OrderStatus.PARTIALLY_CAPTURED)
"""Orders that may be captured, in part or in full."""
ORDER_MADE = (OrderStatus.AUTHORIZED, OrderStatus.PARTIALLY_CAPTURED, OrderStatus.CAPTURED)
"""Orders that count as bought: they were approved, and did not end without a capture."""
ORDER_UNCAPTURED = (OrderStatus.PENDING_REVIEW, OrderStatus.AUTHORIZED)
"""Orders of which nothing is captured yet, and that may be voided."""
CHECKOUT_ABANDONED = (CheckoutStatus.EXPIRED, CheckoutStatus.CANCELED)
"""Checkouts that ended without an order."""
ORDER_ENDED = (OrderStatus.VOIDED, OrderStatus.EXPIRED, OrderStatus.REJECTED)
"""Orders that ended without a capture."""
ORDER_UNDECIDED = (OrderStatus.PENDING_REVIEW, OrderStatus.VOIDED, OrderStatus.EXPIRED)
"""The states of a held order without a decision: waiting, voided, or expired."""

ORDER = Machine(
    OrderStatus,
    initial=[OrderStatus.AUTHORIZED, OrderStatus.PENDING_REVIEW],
    transitions={
        "approve": ([OrderStatus.PENDING_REVIEW], OrderStatus.AUTHORIZED),
        "reject": ([OrderStatus.PENDING_REVIEW], OrderStatus.REJECTED),
        "capture_partly": (ORDER_CAPTURABLE, OrderStatus.PARTIALLY_CAPTURED),
        "capture_fully": (ORDER_CAPTURABLE, OrderStatus.CAPTURED),
        "void": (ORDER_UNCAPTURED, OrderStatus.VOIDED),
        "expire": (ORDER_UNCAPTURED, OrderStatus.EXPIRED),
    },
)


class OrderReviewStatus(StrEnum):
    """The status of a review of a held order: not prepared, prepared, decided, or closed without a decision."""

    WAITING = "waiting"
    PREPARED = "prepared"
    APPROVED = "approved"
    REJECTED = "rejected"
    CLOSED = "closed"


class Checked(StrEnum):
    """How a check of the person of a held order ended."""

    CLEAR = "clear"
    STOPPED = "stopped"


REVIEW_OPEN = (OrderReviewStatus.WAITING, OrderReviewStatus.PREPARED)
"""Held orders that nobody has decided yet."""

ORDER_REVIEW = Machine(
    OrderReviewStatus,
    initial=[OrderReviewStatus.WAITING],
    transitions={
        "prepare": (REVIEW_OPEN, OrderReviewStatus.PREPARED),
        "approve": ([OrderReviewStatus.PREPARED], OrderReviewStatus.APPROVED),
        "reject": ([OrderReviewStatus.PREPARED], OrderReviewStatus.REJECTED),
        "clear": (REVIEW_OPEN, OrderReviewStatus.APPROVED),
        "refuse": (REVIEW_OPEN, OrderReviewStatus.REJECTED),
        "close": (REVIEW_OPEN, OrderReviewStatus.CLOSED),
    },
)
