"""Postings of what shops pay for their customers; all work on sets, like those of `postings`.

Accounts (debit positive): `unearned_shop_interest` of a plan is interest that its shop paid at the capture and that is not earned yet,
`shop_interest_income` of the platform is what was earned of it. `postpone_income` is what shops paid so that payments come later.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ledger.postings import Draft, post

UNEARNED, INCOME = "unearned_shop_interest", "shop_interest_income"
"""The kinds of its accounts."""


@dataclass(frozen=True, slots=True)
class ShopPaidPosting:
    """An amount that a shop pays for the person of a plan, in minor units; `source` is its cause."""

    source: str
    plan: str
    merchant: str
    currency: str
    amount_minor: int
    at: datetime


def shop_interest_paid(postings: Iterable[ShopPaidPosting]) -> None:
    """Post interest that shops pay with captures: we owe them that much less."""
    post(_between("shop_interest", p, ("merchant_payable", p.merchant), (UNEARNED, p.plan)) for p in postings)


def shop_interest_back(postings: Iterable[ShopPaidPosting]) -> None:
    """Post interest that goes back to shops with refunds, of what is not earned."""
    post(_between("shop_interest_back", p, (UNEARNED, p.plan), ("merchant_payable", p.merchant)) for p in postings)


def shop_interest_earned(postings: Iterable[ShopPaidPosting]) -> None:
    """Post interest of shops that was earned, because its time has passed."""
    post(_between("shop_interest_earned", p, (UNEARNED, p.plan), (INCOME, "")) for p in postings)


def postponements(postings: Iterable[ShopPaidPosting]) -> None:
    """Post what shops pay so that payments of a plan come later: it is earned at once, for what was done."""
    post(_between("postponement", p, ("merchant_payable", p.merchant), ("postpone_income", "")) for p in postings)


def _between(kind: str, p: ShopPaidPosting, debit: tuple[str, str], credit: tuple[str, str]) -> Draft:
    return Draft(kind, p.source, p.currency, ((*debit, p.amount_minor), (*credit, -p.amount_minor)), p.at)
