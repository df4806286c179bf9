"""Postings of debts that are sold; all work on sets, like those of `postings`.

Accounts (debit positive) of a sale: `debt_sales` is what it brought us, `debt_buyers` what its buyer owes us (below zero: we owe it).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ledger.postings import Draft, post


@dataclass(frozen=True, slots=True)
class SalePosting:
    """An amount between us and the buyer of a sale, in minor units; `source` is its cause."""

    source: str
    sale: str
    currency: str
    amount_minor: int
    at: datetime


def debts_sold(postings: Iterable[SalePosting]) -> None:
    """Post prices of plans that are sold: the buyer owes them. The loss of the plans stays, and this stands against it."""
    post(_between("debt_sold", p, 1) for p in postings)


def debts_passed_on(postings: Iterable[SalePosting]) -> None:
    """Post what came for sold plans: it is the buyer's."""
    post(_between("debt_passed_on", p, -1) for p in postings)


def debts_kept(postings: Iterable[SalePosting]) -> None:
    """Post what came for sold plans and was taken back: it is the buyer's no more."""
    post(_between("debt_kept", p, 1) for p in postings)


def debts_returned(postings: Iterable[SalePosting]) -> None:
    """Post prices of plans that come back to us: we owe them to the buyer."""
    post(_between("debt_returned", p, -1) for p in postings)


def buyers_paid(postings: Iterable[SalePosting]) -> None:
    """Post money that buyers sent to our bank account; below zero, money that we sent them."""
    post(
        Draft("buyer_paid", p.source, p.currency, (("bank", "", p.amount_minor), ("debt_buyers", p.sale, -p.amount_minor)), p.at)
        for p in postings
    )


def _between(kind: str, p: SalePosting, sign: int) -> Draft:
    minor = sign * p.amount_minor
    return Draft(kind, p.source, p.currency, (("debt_buyers", p.sale, minor), ("debt_sales", p.sale, -minor)), p.at)
