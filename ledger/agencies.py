"""Postings of agencies that collect for us; all work on sets, like those of `postings`.

Accounts (debit positive) of an agency's contract: `agency_receivable` is what it collected and has not sent us yet, `agency_payable` its
share that we owe it. `agency_commissions` of the platform is what agencies cost us.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ledger.postings import Draft, LineDraft, post


@dataclass(frozen=True, slots=True)
class AgencyPosting:
    """An amount between an agency and us, in minor units; `source` is its cause, and `gateway` the place where its charge was booked."""

    source: str
    agency: str
    currency: str
    amount_minor: int
    at: datetime
    gateway: str = ""


def collected(postings: Iterable[AgencyPosting]) -> None:
    """Post money that people paid to agencies: what its charge booked as ours is a claim on the agency."""
    post(_held("agency_collected", p, 1) for p in postings)


def given_back(postings: Iterable[AgencyPosting]) -> None:
    """Post money that agencies gave back to people: they do not owe it to us any more."""
    post(_held("agency_gave_back", p, -1) for p in postings)


def commissions(postings: Iterable[AgencyPosting]) -> None:
    """Post shares of agencies in payments; below zero, shares of payments that were taken back."""
    post(
        Draft("agency_commission", p.source, p.currency, (("agency_commissions", "", p.amount_minor), _owed(p, -p.amount_minor)), p.at)
        for p in postings
    )


def remitted(postings: Iterable[AgencyPosting], *, kept_minor: int = 0) -> None:
    """Post money that agencies sent to our bank account, and their share that they kept of it."""
    post(
        Draft(
            "agency_remitted",
            p.source,
            p.currency,
            (("bank", "", p.amount_minor), _owed(p, kept_minor), ("agency_receivable", p.agency, -p.amount_minor - kept_minor)),
            p.at,
        )
        for p in postings
    )


def shares_paid(postings: Iterable[AgencyPosting]) -> None:
    """Post shares that we sent to agencies from our bank account."""
    post(Draft("agency_paid", p.source, p.currency, (_owed(p, p.amount_minor), ("bank", "", -p.amount_minor)), p.at) for p in postings)


def _owed(p: AgencyPosting, minor: int) -> LineDraft:
    return "agency_payable", p.agency, minor


def _held(kind: str, p: AgencyPosting, sign: int) -> Draft:
    minor = sign * p.amount_minor
    return Draft(kind, p.source, p.currency, (("agency_receivable", p.agency, minor), ("cash", p.gateway, -minor)), p.at)
