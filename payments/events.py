"""Events of payments at gateways. Charges, refunds and payouts are named by the hex of their keys."""

from dataclasses import dataclass
from typing import ClassVar

from core.outbox import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargesSettled(Event):
    """A gateway answered requests for charges; one event for each recorded batch, in the transaction that recorded the answers."""

    NAME: ClassVar[str] = "payments.charges_settled"
    succeeded: list[str]
    failed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeArrived(Event):
    """A gateway made a charge after all that had been closed by hand as not made; `reference` is what the charge was for."""

    NAME: ClassVar[str] = "payments.charge_arrived"
    charge: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodEnabled(Event):
    """A consumer has a payment method that can be charged from now on: a new one, or one that the person confirmed."""

    NAME: ClassVar[str] = "payments.method_enabled"
    consumer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundsSettled(Event):
    """A gateway answered requests for refunds."""

    NAME: ClassVar[str] = "payments.refunds_settled"
    succeeded: list[str]
    failed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFailed(Event):
    """A refund did not reach its card, at once or days later: the money is still owed to the person, who is asked where to send it."""

    NAME: ClassVar[str] = "payments.refund_failed"
    refund: str
    reference: str
    amount_minor: int
    by: str = "card"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundArrived(Event):
    """A refund that had failed is paid after all: to a `card`, or by a `transfer` to a bank account."""

    NAME: ClassVar[str] = "payments.refund_arrived"
    refund: str
    reference: str
    amount_minor: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutsSettled(Event):
    """A gateway answered requests for payouts."""

    NAME: ClassVar[str] = "payments.payouts_settled"
    succeeded: list[str]
    failed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeDisputed(Event):
    """A cardholder disputes a charge at their bank, which has taken it back for now; `reference` is what the charge was for."""

    NAME: ClassVar[str] = "payments.charge_disputed"
    dispute: str
    charge: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeClosed(Event):
    """The bank has decided a dispute: `won`, the charge stands, or `lost`, it is taken back for good."""

    NAME: ClassVar[str] = "payments.dispute_closed"
    dispute: str
    reference: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeReversed(Event):
    """An amount of a charge that had succeeded is taken back for good: the bank returned it, or a dispute is lost.

    `failure` is the bank's code, or `disputed`. `reference` is what the charge was for. `source` names the turn, so that each counts once.
    """

    NAME: ClassVar[str] = "payments.charge_reversed"
    charge: str
    reference: str
    amount_minor: int
    failure: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeReinstated(Event):
    """An amount of a charge that was taken back for good is ours again: a lost dispute was won later."""

    NAME: ClassVar[str] = "payments.charge_reinstated"
    charge: str
    reference: str
    amount_minor: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutsReversed(Event):
    """The receiving bank returned payouts that had succeeded."""

    NAME: ClassVar[str] = "payments.payouts_reversed"
    payouts: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutsConfirmed(Event):
    """Gateways made payouts that two people had closed as not made."""

    NAME: ClassVar[str] = "payments.payouts_confirmed"
    payouts: list[str]
