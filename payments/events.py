"""What happens at gateways. Charges, refunds and payouts are named by the hex of their keys."""

from dataclasses import dataclass
from typing import ClassVar

from core.outbox import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargesSettled(Event):
    """A gateway answered for charges, told in the transaction that recorded the answers; one event for each recorded batch."""

    NAME: ClassVar[str] = "payments.charges_settled"
    succeeded: list[str]
    failed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodEnabled(Event):
    """A consumer has a payment method that can be charged and could not before: it is new, or its person confirmed it."""

    NAME: ClassVar[str] = "payments.method_enabled"
    consumer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundsSettled(Event):
    """A gateway answered for refunds."""

    NAME: ClassVar[str] = "payments.refunds_settled"
    succeeded: list[str]
    failed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFailed(Event):
    """A refund did not reach its card, at once or days later: its person is owed it, and is asked for another way."""

    NAME: ClassVar[str] = "payments.refund_failed"
    refund: str
    reference: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundArrived(Event):
    """A refund that had not arrived is paid after all: to a `card`, or by a `transfer` to a bank account."""

    NAME: ClassVar[str] = "payments.refund_arrived"
    refund: str
    reference: str
    amount_minor: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutsSettled(Event):
    """A gateway answered for payouts."""

    NAME: ClassVar[str] = "payments.payouts_settled"
    succeeded: list[str]
    failed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeDisputed(Event):
    """A cardholder disputes a charge at their bank, which has taken it back for a while; `reference` is what the charge was for."""

    NAME: ClassVar[str] = "payments.charge_disputed"
    dispute: str
    charge: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeClosed(Event):
    """The bank has decided a dispute: `won`, the charge stands, or `lost`, it stays taken back."""

    NAME: ClassVar[str] = "payments.dispute_closed"
    dispute: str
    reference: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeReversed(Event):
    """So much of a charge that had succeeded stays taken back: its bank gave it back (`failure`), or a dispute is lost (`disputed`).

    `reference` is what the charge was for, `source` the turn that makes it once.
    """

    NAME: ClassVar[str] = "payments.charge_reversed"
    charge: str
    reference: str
    amount_minor: int
    failure: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeReinstated(Event):
    """So much of a charge that had stayed taken back is with us after all: a dispute that was lost is won."""

    NAME: ClassVar[str] = "payments.charge_reinstated"
    charge: str
    reference: str
    amount_minor: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutsReversed(Event):
    """Payouts that had succeeded were given back by the bank they went to."""

    NAME: ClassVar[str] = "payments.payouts_reversed"
    payouts: list[str]
