"""Postings of rewards for early payments.

Account (debit positive): `early_rewards` of a plan is what the platform bears of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ledger.postings import Draft, post

EXPENSE = "early_rewards"


@dataclass(frozen=True, slots=True)
class RewardPosting:
    """An amount of a reward for an early payment; `source` is the reward, or what takes it back."""

    source: str
    plan: str
    currency: str
    amount_minor: int
    at: datetime


def rewards_given(postings: Iterable[RewardPosting]) -> None:
    """Post rewards that go to the method that paid."""
    post(_entry("early_reward", EXPENSE, "refunds_payable", p) for p in postings)


def rewards_kept(postings: Iterable[RewardPosting]) -> None:
    """Post rewards that are kept when their payment goes back."""
    post(_entry("early_reward_kept", "refunds_payable", EXPENSE, p) for p in postings)


def rewards_owed(postings: Iterable[RewardPosting]) -> None:
    """Post rewards that the person owes, since their payment was taken back."""
    post(_entry("early_reward_owed", "receivable", EXPENSE, p) for p in postings)


def rewards_not_owed(postings: Iterable[RewardPosting]) -> None:
    """Post rewards that the person owes no more, since their payment stands after all."""
    post(_entry("early_reward_again", EXPENSE, "receivable", p) for p in postings)


def _entry(kind: str, debit: str, credit: str, p: RewardPosting) -> Draft:
    return Draft(kind, p.source, p.currency, ((debit, p.plan, p.amount_minor), (credit, p.plan, -p.amount_minor)), p.at)
