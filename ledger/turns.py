"""Postings of money that comes back: one function for each kind, all of them sets like those of `postings`.

Accounts (debit positive): `chargebacks` of a plan holds what banks took back of its payments and nobody has decided about; `gateway_fees`
and `bad_debt` are what the platform bears; `cash_in_transit` of a plan is what an operator says to have paid from the `bank`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ledger.postings import Draft, post


@dataclass(frozen=True, slots=True)
class TurnPosting:
    """Money that a gateway took of a charge or gave back, by the event that says so."""

    event: str
    plan: str
    gateway: str
    currency: str
    amount_minor: int
    at: datetime


def charges_reversed(postings: Iterable[TurnPosting]) -> None:
    """Post what was taken back of charges: it is not at the gateway, and whose it is remains to be decided."""
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
    """Post what is with us again of charges that had been taken back."""
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
    """Post what gateways took for charges that came back."""
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
    """What became of a charge that stays taken back: owed again by its consumer, refunds that it paid, and what is lost."""

    source: str
    plan: str
    currency: str
    owed_minor: int
    interest_minor: int
    refunds_minor: int
    lost_minor: int
    at: datetime


def owed_again(postings: Iterable[OwedAgainPosting]) -> None:
    """Post charges that stay taken back; the interest in them is not earned any more."""
    post(
        Draft(
            "owed_again",
            p.source,
            p.currency,
            (
                ("receivable", p.plan, p.owed_minor),
                ("refunds_payable", p.plan, p.refunds_minor),
                ("bad_debt", p.plan, p.lost_minor),
                ("interest_income", "", p.interest_minor),
                ("unearned_interest", p.plan, -p.interest_minor),
                ("chargebacks", p.plan, -p.owed_minor - p.refunds_minor - p.lost_minor),
            ),
            p.at,
        )
        for p in postings
    )


@dataclass(frozen=True, slots=True)
class CoveredPosting:
    """A refund that came back after a bank had paid the same once more: what was written off by that is none."""

    turn: str
    plan: str
    currency: str
    amount_minor: int
    at: datetime


def losses_covered(postings: Iterable[CoveredPosting]) -> None:
    """Post refunds that are not owed any more, since the bank has paid them, and not lost any more, since they came back."""
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


@dataclass(frozen=True, slots=True)
class PaidAgainPosting:
    """What became of a charge that is with us after all: paid after all, too much by now, and a loss that was none."""

    source: str
    plan: str
    currency: str
    paid_minor: int
    interest_minor: int
    excess_minor: int
    recovered_minor: int
    at: datetime


def paid_again(postings: Iterable[PaidAgainPosting]) -> None:
    """Post charges that had stayed taken back and are with us after all."""
    post(
        Draft(
            "paid_again",
            p.source,
            p.currency,
            (
                ("chargebacks", p.plan, p.paid_minor + p.excess_minor + p.recovered_minor),
                ("receivable", p.plan, -p.paid_minor),
                ("refunds_payable", p.plan, -p.excess_minor),
                ("bad_debt", p.plan, -p.recovered_minor),
                ("unearned_interest", p.plan, p.interest_minor),
                ("interest_income", "", -p.interest_minor),
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
    """Post transfers that an operator paid: on their way, until another one has seen it."""
    post(_transfer("transfer", p, ("refunds_payable", p.plan), ("cash_in_transit", p.plan)) for p in postings)


def transfers_confirmed(postings: Iterable[TransferPosting]) -> None:
    """Post transfers that another operator has seen to be paid."""
    post(_transfer("transfer_confirmed", p, ("cash_in_transit", p.plan), ("bank", "")) for p in postings)


def transfers_rejected(postings: Iterable[TransferPosting]) -> None:
    """Post transfers that were not paid after all: owed as before."""
    post(_transfer("transfer_rejected", p, ("cash_in_transit", p.plan), ("refunds_payable", p.plan)) for p in postings)


def _transfer(kind: str, p: TransferPosting, debit: tuple[str, str], credit: tuple[str, str]) -> Draft:
    return Draft(kind, p.transfer, p.currency, ((*debit, p.amount_minor), (*credit, -p.amount_minor)), p.at)
