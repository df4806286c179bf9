"""Events of checkouts and orders; ids are public ids."""

from dataclasses import dataclass
from typing import ClassVar

from core.outbox import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutOpened(Event):
    """A shop opened a checkout."""

    NAME: ClassVar[str] = "checkout.checkout_opened"
    checkout: str
    merchant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReached(Event):
    """A checkout reached a step for the first time: identified, approved or declined."""

    NAME: ClassVar[str] = "checkout.step_reached"
    checkout: str
    merchant: str
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutDeclined(Event):
    """A checkout's consumer was refused credit; it stays open. `declined` is the coarse code for the shop (`checkout.coarse`)."""

    NAME: ClassVar[str] = "checkout.checkout_declined"
    checkout: str
    merchant: str
    declined: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutExpired(Event):
    """A checkout ended without an order."""

    NAME: ClassVar[str] = "checkout.checkout_expired"
    checkout: str
    merchant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _OrderEvent(Event):
    order: str
    merchant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAuthorized(_OrderEvent):
    """The sale is approved: the shop may ship."""

    NAME: ClassVar[str] = "checkout.order_authorized"
    consumer: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHeld(_OrderEvent):
    """The order waits for two operators."""

    NAME: ClassVar[str] = "checkout.order_held"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReviewPrepared(_OrderEvent):
    """One operator prepared a held order, with a recommendation."""

    NAME: ClassVar[str] = "checkout.order_review_prepared"
    EARLIER: ClassVar[tuple[str, ...]] = ("checkout.hold_prepared",)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReviewDelayed(Event):
    """Nobody has decided a held order yet, after half (`urgency` 1) or four fifths (2) of its time."""

    NAME: ClassVar[str] = "checkout.order_review_delayed"
    order: str
    merchant: str
    urgency: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderApproved(_OrderEvent):
    """A held order was approved; it is authorized from now on."""

    NAME: ClassVar[str] = "checkout.order_approved"
    consumer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRejected(_OrderEvent):
    """A held order was rejected."""

    NAME: ClassVar[str] = "checkout.order_rejected"
    consumer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCaptured(_OrderEvent):
    """Part of an order was captured; the consumer pays for it. `remaining_minor` may still be captured (-1: older than this field)."""

    NAME: ClassVar[str] = "checkout.order_captured"
    capture: str
    plan: str
    amount_minor: int
    remaining_minor: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRefunded(_OrderEvent):
    """The shop refunded part of an order, or all."""

    NAME: ClassVar[str] = "checkout.order_refunded"
    refund: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderVoided(_OrderEvent):
    """The shop voided the whole order; nothing of it was captured."""

    NAME: ClassVar[str] = "checkout.order_voided"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReleased(_OrderEvent):
    """The shop released the rest of a partly captured order; that amount is never charged."""

    NAME: ClassVar[str] = "checkout.order_released"
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderExpired(_OrderEvent):
    """The authorization expired; the uncaptured amount is released."""

    NAME: ClassVar[str] = "checkout.order_expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderExpiring(_OrderEvent):
    """The authorization will expire in a number of hours."""

    NAME: ClassVar[str] = "checkout.order_expiring"
    hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPostponed(_OrderEvent):
    """The shop paid an amount so that the customer's payments come later."""

    NAME: ClassVar[str] = "checkout.order_postponed"
    postponement: str
    number: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderExtended(_OrderEvent):
    """The authorization was extended."""

    NAME: ClassVar[str] = "checkout.order_extended"
