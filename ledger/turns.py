"""Postings of turns: one function for each kind; all work on sets, like those of `postings`.

Accounts (debit positive): `chargebacks` of a plan holds the amounts that banks took back from its payments, until the dispute is
decided; the platform bears `gateway_fees` and `bad_debt`; `cash_in_transit` of a plan is money that an operator has sent from the `bank`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ledger.postings import Draft, post


@dataclass(frozen=True, slots=True)
class TurnPosting:
    """An amount of a charge that a gateway took or gave back; the source is the movement event."""

    event: str
    plan: str
    gateway: str
    currency: str
    amount_minor: int
    at: datetime


def charges_reversed(postings: Iterable[TurnPosting]) -> None:
    """Post amounts taken back from charges: they leave the gateway's cash, and wait in `chargebacks` for the outcome."""
    post(
        Draft(
            "charge_reversed",
            p.event,
            p.currency,
            (("chargebacks", p.plan, p.amount_minor), ("cash", p.gateway, -p.amount_minor)),
            p.at,
        )
        for p in postings
    )


def charges_reinstated(postings: Iterable[TurnPosting]) -> None:
    """Post amounts of charges that were taken back and then returned to us."""
    post(
        Draft(
            "charge_reinstated",
            p.event,
            p.currency,
            (("cash", p.gateway, p.amount_minor), ("chargebacks", p.plan, -p.amount_minor)),
            p.at,
        )
        for p in postings
    )


def fees_taken(postings: Iterable[TurnPosting]) -> None:
    """Post fees that gateways took for charges that came back."""
    post(
        Draft("gateway_fee", p.event, p.currency, (("gateway_fees", "", p.amount_minor), ("cash", p.gateway, -p.amount_minor)), p.at)
        for p in postings
    )


def fees_returned(postings: Iterable[TurnPosting]) -> None:
    """Post fees that gateways gave back."""
    post(
        Draft(
            "gateway_fee_returned", p.event, p.currency, (("cash", p.gateway, p.amount_minor), ("gateway_fees", "", -p.amount_minor)), p.at
        )
        for p in postings
    )


@dataclass(frozen=True, slots=True)
class OwedAgainPosting:
    """The split of a charge taken back for good: owed again by the consumer, refunds covered by it, an unused deposit, and lost."""

    source: str
    plan: str
    currency: str
    owed_minor: int
    interest_minor: int
    refunds_minor: int
    lost_minor: int
    at: datetime
    deposit_minor: int = 0
    fees_minor: int = 0


def owed_again(postings: Iterable[OwedAgainPosting]) -> None:
    """Post charges that are taken back for good; their interest becomes unearned again."""
    post(
        Draft(
            "owed_again",
            p.source,
            p.currency,
            (
                ("receivable", p.plan, p.owed_minor),
                ("refunds_payable", p.plan, p.refunds_minor),
                ("deposits", p.plan, p.deposit_minor),
                ("bad_debt", p.plan, p.lost_minor),
                ("late_fees", p.plan, p.fees_minor),
                ("interest_income", "", p.interest_minor),
                ("unearned_interest", p.plan, -p.interest_minor),
                ("chargebacks", p.plan, -p.owed_minor - p.refunds_minor - p.lost_minor - p.deposit_minor - p.fees_minor),
            ),
            p.at,
        )
        for p in postings
    )


@dataclass(frozen=True, slots=True)
class CoveredPosting:
    """A refund whose amount was also paid in another way: the debt is written off, or that is undone; `turn` is the source."""

    turn: str
    plan: str
    currency: str
    amount_minor: int
    at: datetime


def losses_covered(postings: Iterable[CoveredPosting]) -> None:
    """Post refunds that are no longer owed, since they were paid in another way, and no longer lost, since one payment came back."""
    post(
        Draft(
            "loss_covered",
            p.turn,
            p.currency,
            (("refunds_payable", p.plan, p.amount_minor), ("bad_debt", p.plan, -p.amount_minor)),
            p.at,
        )
        for p in postings
    )


def paid_twice(postings: Iterable[CoveredPosting]) -> None:
    """Post refunds that reached their cards although the amount was also paid in another way: they are a loss."""
    post(
        Draft(
            "paid_twice",
            p.turn,
            p.currency,
            (("bad_debt", p.plan, p.amount_minor), ("refunds_payable", p.plan, -p.amount_minor)),
            p.at,
        )
        for p in postings
    )


@dataclass(frozen=True, slots=True)
class PaidAgainPosting:
    """The split of a reinstated charge: paid again, a deposit paid again, excess to refund, and loss recovered."""

    source: str
    plan: str
    currency: str
    paid_minor: int
    interest_minor: int
    excess_minor: int
    recovered_minor: int
    at: datetime
    deposit_minor: int = 0
    fees_minor: int = 0


def paid_again(postings: Iterable[PaidAgainPosting]) -> None:
    """Post reinstated charges."""
    post(
        Draft(
            "paid_again",
            p.source,
            p.currency,
            (
                ("chargebacks", p.plan, p.paid_minor + p.excess_minor + p.recovered_minor + p.deposit_minor + p.fees_minor),
                ("late_fees", p.plan, -p.fees_minor),
                ("receivable", p.plan, -p.paid_minor),
                ("refunds_payable", p.plan, -p.excess_minor),
                ("deposits", p.plan, -p.deposit_minor),
                ("bad_debt", p.plan, -p.recovered_minor),
                ("unearned_interest", p.plan, p.interest_minor),
                ("interest_income", "", -p.interest_minor),
            ),
            p.at,
        )
        for p in postings
    )


@dataclass(frozen=True, slots=True)
class ReallocatedPosting:
    """Payments that were allocated anew: how much more interest and fees they pay now, and less principal; below zero the other way."""

    source: str
    plan: str
    currency: str
    interest_minor: int
    at: datetime
    fees_minor: int = 0


def reallocated(postings: Iterable[ReallocatedPosting]) -> None:
    """Post payments that were allocated anew: what is interest of them is earned."""
    post(
        Draft(
            "reallocated",
            p.source,
            p.currency,
            (
                ("unearned_interest", p.plan, p.interest_minor),
                ("interest_income", "", -p.interest_minor),
                ("receivable", p.plan, p.fees_minor),
                ("late_fees", p.plan, -p.fees_minor),
            ),
            p.at,
        )
        for p in postings
    )


@dataclass(frozen=True, slots=True)
class TransferPosting:
    """A refund that is paid to a bank account by hand."""

    transfer: str
    plan: str
    currency: str
    amount_minor: int
    at: datetime


def transfers_sent(postings: Iterable[TransferPosting]) -> None:
    """Post transfers that an operator sent: in transit until another operator confirms them."""
    post(_transfer("transfer", p, ("refunds_payable", p.plan), ("cash_in_transit", p.plan)) for p in postings)


def transfers_confirmed(postings: Iterable[TransferPosting]) -> None:
    """Post transfers that another operator confirmed."""
    post(_transfer("transfer_confirmed", p, ("cash_in_transit", p.plan), ("bank", "")) for p in postings)


def transfers_rejected(postings: Iterable[TransferPosting]) -> None:
    """Post transfers that were rejected: the refunds are owed as before."""
    post(_transfer("transfer_rejected", p, ("cash_in_transit", p.plan), ("refunds_payable", p.plan)) for p in postings)


def transfers_returned(postings: Iterable[TransferPosting]) -> None:
    """Post confirmed transfers that the receiving bank sent back: the refunds are owed as before."""
    post(_transfer("transfer_returned", p, ("bank", ""), ("refunds_payable", p.plan)) for p in postings)


def _transfer(kind: str, p: TransferPosting, debit: tuple[str, str], credit: tuple[str, str]) -> Draft:
    return Draft(kind, p.transfer, p.currency, ((*debit, p.amount_minor), (*credit, -p.amount_minor)), p.at)


@dataclass(frozen=True, slots=True)
class LossPosting:
    """The open amount of a plan that is given up, or a change of it: principal, and interest never earned; minor units."""

    source: str
    plan: str
    charge_off: str
    currency: str
    principal_minor: int
    interest_minor: int
    at: datetime


def charged_off(postings: Iterable[LossPosting]) -> None:
    """Post amounts of plans that are given up: the principal is a loss, the unearned interest is dropped."""
    post(_loss("charge_off", p, 1) for p in postings)


def recovered(postings: Iterable[LossPosting]) -> None:
    """Post amounts that were given up and then paid or refunded: they become a receivable again, which the payment's own entry settles."""
    post(_loss("recovery", p, -1) for p in postings)


def _loss(kind: str, p: LossPosting, sign: int) -> Draft:
    lines = (
        ("bad_debt", p.charge_off, sign * p.principal_minor),
        ("unearned_interest", p.plan, sign * p.interest_minor),
        ("receivable", p.plan, -sign * (p.principal_minor + p.interest_minor)),
    )
    return Draft(kind, p.source, p.currency, lines, p.at)
