"""Postings of provisions: what is expected to be lost of open money, by segment and month.

Accounts (debit positive), each of a segment: `provisions` stands against what people owe, `impairment` is its cost.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ledger.postings import Draft, post


@dataclass(frozen=True, slots=True)
class ProvisionPosting:
    """By how much a segment's provision is more than a month before, or less; `source` names segment and month, `owner` the segment."""

    source: str
    owner: str
    currency: str
    more_minor: int
    at: datetime


def provisions(postings: Iterable[ProvisionPosting]) -> None:
    """Post how provisions changed; a segment whose provision did not change has no entry."""
    post(
        Draft("provision", p.source, p.currency, (("impairment", p.owner, p.more_minor), ("provisions", p.owner, -p.more_minor)), p.at)
        for p in postings
    )
