"""One function for each kind of posting. All are sets: many entries cost as many statements as one.

Accounts (debit positive): `cash` at a gateway, `receivable` of a plan, `merchant_payable` and `payouts_in_transit` of a merchant,
`refunds_payable` and `unearned_interest` of a plan, `fee_income` and `interest_income` of the platform.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from core.ids import uuid7
from ledger.models import account_id

LineDraft = tuple[str, str, int]
"""Kind of account, its owner, and the amount in minor units (debit positive)."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One entry to post: what kind, what caused it (once), in which currency, its lines, and when."""

    kind: str
    source: str
    currency: str
    lines: tuple[LineDraft, ...]
    at: datetime


_ACCOUNTS = """
    INSERT INTO ledger_account (id, kind, owner, currency)
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[]) ON CONFLICT DO NOTHING"""
_ENTRIES = """
    INSERT INTO ledger_entry (id, kind, source, at)
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::timestamptz[])"""
_LINES = """
    INSERT INTO ledger_line (entry_id, account_id, currency, amount_minor)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::bigint[])"""


def post(drafts: Iterable[Draft]) -> None:
    """Post entries in the running transaction with three statements; lines of nothing are left out.

    Raises IntegrityError (from the database) where an entry does not balance or its source was posted before.
    """
    entries, lines, accounts = [], [], {}
    for draft in drafts:
        entry = str(uuid7())
        kept = [line for line in draft.lines if line[2]]
        if not kept:
            continue
        entries.append((entry, draft.kind, draft.source, draft.at))
        for kind, owner, minor in kept:
            account = str(account_id(kind, owner, draft.currency))
            accounts[account] = (account, kind, owner, draft.currency)
            lines.append((entry, account, draft.currency, minor))
    if not entries:
        return
    with connection.cursor() as cursor:
        # In one order, so that two posters who open the same accounts do not wait for each other in a circle.
        cursor.execute(_ACCOUNTS, _columns(sorted(accounts.values())))
        cursor.execute(_ENTRIES, _columns(entries))
        cursor.execute(_LINES, _columns(lines))


def _columns(table: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*table, strict=True)]


@dataclass(frozen=True, slots=True)
class CapturePosting:
    """A capture: the consumer owes principal and interest, the merchant is owed the sale less the fee."""

    capture: str
    plan: str
    merchant: str
    currency: str
    principal_minor: int
    interest_minor: int
    fee_minor: int
    at: datetime


def captures(postings: Iterable[CapturePosting]) -> None:
    """Post captures; interest is unearned until it is paid."""
    post(
        Draft(
            "capture",
            p.capture,
            p.currency,
            (
                ("receivable", p.plan, p.principal_minor + p.interest_minor),
                ("unearned_interest", p.plan, -p.interest_minor),
                ("merchant_payable", p.merchant, p.fee_minor - p.principal_minor),
                ("fee_income", "", -p.fee_minor),
            ),
            p.at,
        )
        for p in postings
    )


@dataclass(frozen=True, slots=True)
class ChargePosting:
    """A charge that succeeded: what it paid of a plan, how much of that is interest, and what it took too much."""

    charge: str
    plan: str
    gateway: str
    currency: str
    paid_minor: int
    interest_minor: int
    excess_minor: int
    at: datetime


def charges(postings: Iterable[ChargePosting]) -> None:
    """Post charges; interest becomes income as it is paid, and what was taken too much is owed back."""
    post(
        Draft(
            "charge",
            p.charge,
            p.currency,
            (
                ("cash", p.gateway, p.paid_minor + p.excess_minor),
                ("receivable", p.plan, -p.paid_minor),
                ("refunds_payable", p.plan, -p.excess_minor),
                ("unearned_interest", p.plan, p.interest_minor),
                ("interest_income", "", -p.interest_minor),
            ),
            p.at,
        )
        for p in postings
    )


@dataclass(frozen=True, slots=True)
class RebatePosting:
    """Interest that will not be asked for, since principal came early."""

    source: str
    plan: str
    currency: str
    interest_minor: int
    at: datetime


def rebates(postings: Iterable[RebatePosting]) -> None:
    """Post interest rebates of early payments."""
    post(
        Draft(
            "rebate",
            p.source,
            p.currency,
            (("unearned_interest", p.plan, p.interest_minor), ("receivable", p.plan, -p.interest_minor)),
            p.at,
        )
        for p in postings
    )


@dataclass(frozen=True, slots=True)
class RefundPosting:
    """A shop's refund: what of it cancels installments, what goes back to cards, interest dropped, and the fee returned."""

    refund: str
    plan: str
    merchant: str
    currency: str
    canceled_minor: int
    back_minor: int
    interest_minor: int
    fee_minor: int
    at: datetime


def refunds(postings: Iterable[RefundPosting]) -> None:
    """Post refunds: the merchant is owed less, the consumer owes less or is owed."""
    post(
        Draft(
            "refund",
            p.refund,
            p.currency,
            (
                ("merchant_payable", p.merchant, p.canceled_minor + p.back_minor - p.fee_minor),
                ("fee_income", "", p.fee_minor),
                ("receivable", p.plan, -p.canceled_minor - p.interest_minor),
                ("unearned_interest", p.plan, p.interest_minor),
                ("refunds_payable", p.plan, -p.back_minor),
            ),
            p.at,
        )
        for p in postings
    )


@dataclass(frozen=True, slots=True)
class CardRefundPosting:
    """Money that a gateway gave back to a payment method."""

    refund: str
    plan: str
    gateway: str
    currency: str
    amount_minor: int
    at: datetime


def card_refunds(postings: Iterable[CardRefundPosting]) -> None:
    """Post refunds that reached payment methods."""
    post(
        Draft(
            "card_refund", p.refund, p.currency, (("refunds_payable", p.plan, p.amount_minor), ("cash", p.gateway, -p.amount_minor)), p.at
        )
        for p in postings
    )


@dataclass(frozen=True, slots=True)
class SettlementPosting:
    """A settlement that pays a merchant what is owed."""

    settlement: str
    merchant: str
    currency: str
    amount_minor: int
    at: datetime


def settlements(postings: Iterable[SettlementPosting]) -> None:
    """Post settlements: what was owed is on its way."""
    post(
        Draft(
            "settlement",
            p.settlement,
            p.currency,
            (("merchant_payable", p.merchant, p.amount_minor), ("payouts_in_transit", p.merchant, -p.amount_minor)),
            p.at,
        )
        for p in postings
    )


@dataclass(frozen=True, slots=True)
class PayoutPosting:
    """A payout that the gateway made."""

    payout: str
    merchant: str
    gateway: str
    currency: str
    amount_minor: int
    at: datetime


def payouts(postings: Iterable[PayoutPosting]) -> None:
    """Post payouts that the gateway made."""
    post(
        Draft(
            "payout", p.payout, p.currency, (("payouts_in_transit", p.merchant, p.amount_minor), ("cash", p.gateway, -p.amount_minor)), p.at
        )
        for p in postings
    )


@dataclass(frozen=True, slots=True)
class BouncePosting:
    """A payout that the merchant's bank did not take."""

    payout: str
    merchant: str
    currency: str
    amount_minor: int
    at: datetime


def bounces(postings: Iterable[BouncePosting]) -> None:
    """Post payouts that came back: what was on its way is owed again."""
    post(
        Draft(
            "bounce",
            p.payout,
            p.currency,
            (("payouts_in_transit", p.merchant, p.amount_minor), ("merchant_payable", p.merchant, -p.amount_minor)),
            p.at,
        )
        for p in postings
    )
