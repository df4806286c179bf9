"""One function for each kind of posting. All work on sets: the number of statements does not depend on the number of entries.

Accounts (debit positive): `cash` at a gateway, `receivable` of a plan, `merchant_payable` and `payouts_in_transit` of a merchant,
`refunds_payable`, `deposits`, `unearned_interest` and `late_fees` of a plan, `fee_income`, `interest_income` and `waived` of the platform.
Fees of who pays late are income when they are paid (`late_fees`), and no receivable before.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from core.arrays import plain_array, text_array
from core.db import execute, rows
from core.ids import uuid7
from ledger.models import account_id

LineDraft = tuple[str, str, int]
"""Kind of account, its owner, and the amount in minor units (debit positive)."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One entry to post: its kind, its cause (`source`, unique), its currency, its lines, and its time."""

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
    """Post entries in the running transaction with three statements; leave out lines of amount zero.

    IntegrityError (from the database) if an entry does not balance or its source was posted before.
    """
    entries: list[tuple[uuid.UUID, str, str, datetime]] = []
    lines: list[tuple[uuid.UUID, uuid.UUID, str, int]] = []
    accounts: dict[uuid.UUID, tuple[str, str, str]] = {}
    for draft in drafts:
        currency, entry = draft.currency, uuid7()
        kept = [line for line in draft.lines if line[2]]
        if not kept:
            continue
        entries.append((entry, draft.kind, draft.source, draft.at))
        for kind, owner, minor in kept:
            account = account_id(kind, owner, currency)
            accounts[account] = (kind, owner, currency)
            lines.append((entry, account, currency, minor))
    if entries:
        # Sorted, so that two transactions that open the same accounts do not deadlock.
        opened = sorted(accounts)
        keys, names = plain_array(opened), zip(*[accounts[key] for key in opened], strict=True)
        execute(_ACCOUNTS, [keys, *[text_array(column) for column in names]])
        _write_entries(entries)
        _write_lines(lines)


def _write_entries(entries: Sequence[tuple[uuid.UUID, str, str, datetime]]) -> None:
    keys, kinds, sources, moments = zip(*entries, strict=True)
    execute(_ENTRIES, [plain_array(keys), text_array(kinds), text_array(sources), plain_array(moments)])


def _write_lines(lines: Sequence[tuple[uuid.UUID, uuid.UUID, str, int]]) -> None:
    entries, accounts, currencies, amounts = zip(*lines, strict=True)
    execute(_LINES, [plain_array(entries), plain_array(accounts), text_array(currencies), plain_array(amounts)])


@dataclass(frozen=True, slots=True)
class CapturePosting:
    """A capture: the consumer owes principal and interest; we owe the merchant the principal less the fee."""

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
    """A charge that succeeded: the amount it paid on a plan, the interest and fees in it, any excess, and what is kept as a deposit."""

    charge: str
    plan: str
    gateway: str
    currency: str
    paid_minor: int
    interest_minor: int
    excess_minor: int
    at: datetime
    deposit_minor: int = 0
    fees_minor: int = 0


def charges(postings: Iterable[ChargePosting]) -> None:
    """Post charges; paid interest becomes income, and the excess becomes refunds payable."""
    post(
        Draft(
            "charge",
            p.charge,
            p.currency,
            (
                ("cash", p.gateway, p.paid_minor + p.excess_minor + p.deposit_minor),
                ("receivable", p.plan, p.fees_minor - p.paid_minor),
                ("late_fees", p.plan, -p.fees_minor),
                ("refunds_payable", p.plan, -p.excess_minor),
                ("deposits", p.plan, -p.deposit_minor),
                ("unearned_interest", p.plan, p.interest_minor),
                ("interest_income", "", -p.interest_minor),
            ),
            p.at,
        )
        for p in postings
    )


@dataclass(frozen=True, slots=True)
class FeeReturnPosting:
    """A paid fee that goes back to the methods that paid it, since it was waived or withdrawn; `source` is what ended it."""

    source: str
    plan: str
    currency: str
    amount_minor: int
    at: datetime


def late_fees_returned(postings: Iterable[FeeReturnPosting]) -> None:
    """Post fees that go back: they are no income any more."""
    post(
        Draft(
            "fee_returned",
            p.source,
            p.currency,
            (("late_fees", p.plan, p.amount_minor), ("refunds_payable", p.plan, -p.amount_minor)),
            p.at,
        )
        for p in postings
    )


@dataclass(frozen=True, slots=True)
class DepositPosting:
    """An amount of a paid deposit that a capture uses, or that goes back; `source` is the capture, or what makes it go back."""

    source: str
    plan: str
    currency: str
    amount_minor: int
    at: datetime


def deposits_used(postings: Iterable[DepositPosting]) -> None:
    """Post deposits that pay what a capture made due."""
    post(_of_deposit("deposit_used", "receivable", p) for p in postings)


def deposits_returned(postings: Iterable[DepositPosting]) -> None:
    """Post deposits that go back to the methods that paid them."""
    post(_of_deposit("deposit_returned", "refunds_payable", p) for p in postings)


def _of_deposit(kind: str, account: str, p: DepositPosting) -> Draft:
    return Draft(kind, p.source, p.currency, (("deposits", p.plan, p.amount_minor), (account, p.plan, -p.amount_minor)), p.at)


@dataclass(frozen=True, slots=True)
class ChargeColumns:
    """Charges without an excess; each column is a PostgreSQL array literal."""

    charges: str
    plans: str
    gateways: str
    currencies: str
    paid: str
    interest: str
    at: datetime


# Posts all entries, or none if an account does not exist yet; returns the number of missing accounts.
_CHARGES = """
    WITH posting AS MATERIALIZED (
        SELECT uuidv7() AS entry, u.*
        FROM unnest(%(charges)s::text[], %(plans)s::text[], %(gateways)s::text[], %(currencies)s::text[], %(paid)s::bigint[],
            %(interest)s::bigint[]) AS u (charge, plan, gateway, currency, paid, interest)),
    side AS MATERIALIZED (
        SELECT p.entry, p.currency, s.minor,
            (SELECT a.id FROM ledger_account a WHERE a.kind = s.kind AND a.owner = s.owner AND a.currency = p.currency) AS account_id
        FROM posting p CROSS JOIN LATERAL (VALUES ('cash', p.gateway, p.paid), ('receivable', p.plan, -p.paid),
            ('unearned_interest', p.plan, p.interest), ('interest_income', '', -p.interest)) AS s (kind, owner, minor)
        WHERE s.minor <> 0),
    missing AS MATERIALIZED (SELECT count(*) AS accounts FROM side WHERE account_id IS NULL),
    entered AS (
        INSERT INTO ledger_entry (id, kind, source, at)
        SELECT entry, 'charge', charge, %(at)s FROM posting WHERE (SELECT accounts FROM missing) = 0 AND paid <> 0),
    lined AS (
        INSERT INTO ledger_line (entry_id, account_id, currency, amount_minor)
        SELECT entry, account_id, currency, minor FROM side WHERE (SELECT accounts FROM missing) = 0)
    SELECT accounts FROM missing"""
_SPREAD = "SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[])"


def charge_columns(columns: ChargeColumns) -> None:
    """Post charges with one statement; a batch that needs a new account goes through `charges`, which takes three."""
    if rows(_CHARGES, asdict(columns))[0][0] == 0:
        return
    given = [columns.charges, columns.plans, columns.gateways, columns.currencies, columns.paid, columns.interest]
    charges(
        ChargePosting(charge, plan, gateway, currency, paid, interest, 0, columns.at)
        for charge, plan, gateway, currency, paid, interest in rows(_SPREAD, given)
    )


@dataclass(frozen=True, slots=True)
class RebatePosting:
    """Interest that is dropped, since principal was paid early, or that is added, since it is paid later."""

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


def interest_added(postings: Iterable[RebatePosting]) -> None:
    """Post interest that a person agreed to beside that of the agreement, because they pay for longer; it is unearned until it is paid."""
    post(
        Draft(
            "interest_added",
            p.source,
            p.currency,
            (("receivable", p.plan, p.interest_minor), ("unearned_interest", p.plan, -p.interest_minor)),
            p.at,
        )
        for p in postings
    )


@dataclass(frozen=True, slots=True)
class WaiverPosting:
    """An amount waived as too small to be charged: lost principal and unearned interest."""

    source: str
    plan: str
    currency: str
    principal_minor: int
    interest_minor: int
    at: datetime


def waivers(postings: Iterable[WaiverPosting]) -> None:
    """Post waivers; the platform bears the principal."""
    post(
        Draft(
            "waiver",
            p.source,
            p.currency,
            (
                ("waived", "", p.principal_minor),
                ("unearned_interest", p.plan, p.interest_minor),
                ("receivable", p.plan, -p.principal_minor - p.interest_minor),
            ),
            p.at,
        )
        for p in postings
    )


@dataclass(frozen=True, slots=True)
class RefundPosting:
    """A shop's refund: the amounts canceled, paid back to cards, and waived earlier; the dropped interest; the returned fee."""

    refund: str
    plan: str
    merchant: str
    currency: str
    canceled_minor: int
    back_minor: int
    waived_minor: int
    interest_minor: int
    fee_minor: int
    at: datetime


def refunds(postings: Iterable[RefundPosting]) -> None:
    """Post refunds: we owe the merchant less, and the consumer owes us less or we owe the consumer."""
    post(
        Draft(
            "refund",
            p.refund,
            p.currency,
            (
                ("merchant_payable", p.merchant, p.canceled_minor + p.back_minor + p.waived_minor - p.fee_minor),
                ("fee_income", "", p.fee_minor),
                ("receivable", p.plan, -p.canceled_minor - p.interest_minor),
                ("unearned_interest", p.plan, p.interest_minor),
                ("refunds_payable", p.plan, -p.back_minor),
                ("waived", "", -p.waived_minor),
            ),
            p.at,
        )
        for p in postings
    )


@dataclass(frozen=True, slots=True)
class CardRefundPosting:
    """Money that a gateway refunded to a payment method."""

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


def card_refund_reversals(postings: Iterable[CardRefundPosting]) -> None:
    """Post refunds that the card's bank returned: the money is at the gateway again, and owed again."""
    post(
        Draft(
            "card_refund_reversal",
            p.refund,
            p.currency,
            (("cash", p.gateway, p.amount_minor), ("refunds_payable", p.plan, -p.amount_minor)),
            p.at,
        )
        for p in postings
    )


@dataclass(frozen=True, slots=True)
class SettlementPosting:
    """A settlement that pays a merchant's balance."""

    settlement: str
    merchant: str
    currency: str
    amount_minor: int
    at: datetime


def settlements(postings: Iterable[SettlementPosting]) -> None:
    """Post settlements: the balance moves from payable to in transit."""
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


def payout_reversals(postings: Iterable[PayoutPosting]) -> None:
    """Post payouts that the merchant's bank returned after a success: the money is at the gateway again, and in transit again."""
    post(
        Draft(
            "payout_reversal",
            p.payout,
            p.currency,
            (("cash", p.gateway, p.amount_minor), ("payouts_in_transit", p.merchant, -p.amount_minor)),
            p.at,
        )
        for p in postings
    )


@dataclass(frozen=True, slots=True)
class BouncePosting:
    """A payout that came back, or that arrived after it had been reported as returned."""

    payout: str
    merchant: str
    currency: str
    amount_minor: int
    at: datetime


def bounces(postings: Iterable[BouncePosting]) -> None:
    """Post payouts that came back: the amount moves from in transit to payable."""
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


def bounces_undone(postings: Iterable[BouncePosting]) -> None:
    """Post payouts that arrived after all: the amount moves from payable back to in transit, which the payout's own entry settles."""
    post(
        Draft(
            "bounce_undone",
            p.payout,
            p.currency,
            (("merchant_payable", p.merchant, p.amount_minor), ("payouts_in_transit", p.merchant, -p.amount_minor)),
            p.at,
        )
        for p in postings
    )
