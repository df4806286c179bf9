"""Reads of the ledger: balances in constant time, and the sums that the books are checked by."""

from dataclasses import dataclass

from core.db import rows
from ledger.models import account_id

ACCOUNTS_BUSY = """EXISTS (
    SELECT 1 FROM ledger_account a LEFT JOIN ledger_checkpoint c ON c.account_id = a.id
    WHERE a.kind IN ('cash', 'merchant_payable', 'payouts_in_transit', 'fee_income', 'interest_income') AND EXISTS (
        SELECT 1 FROM ledger_line l WHERE l.account_id = a.id AND l.xid >= coalesce(c.through_xid, 0) OFFSET 999 LIMIT 1))"""
"""Whether a shared account has a thousand lines since its checkpoint."""

_BALANCE = """
    SELECT coalesce(c.balance_minor, 0) + coalesce((
        SELECT sum(l.amount_minor) FROM ledger_line l WHERE l.account_id = a.id AND l.xid >= coalesce(c.through_xid, 0)), 0)
    FROM (SELECT %s::uuid AS id) a LEFT JOIN ledger_checkpoint c ON c.account_id = a.id"""


def balance(*, kind: str, owner: str, currency: str) -> int:
    """Return an account's balance in minor units, debit positive; nothing for an account that was never posted to."""
    return int(rows(_BALANCE, [str(account_id(kind, owner, currency))])[0][0])


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One line of the trial balance: all accounts of a kind in a currency."""

    kind: str
    currency: str
    accounts: int
    balance_minor: int


def trial_balance() -> list[TrialLine]:
    """Return the balance of each kind of account and currency; they sum to zero per currency."""
    sql = """
        SELECT a.kind, a.currency, count(DISTINCT a.id), coalesce(sum(l.amount_minor), 0)
        FROM ledger_account a LEFT JOIN ledger_line l ON l.account_id = a.id GROUP BY 1, 2 ORDER BY 2, 1"""
    return [TrialLine(kind, currency, count, int(total)) for kind, currency, count, total in rows(sql)]


def balances_of(kind: str) -> dict[tuple[str, str], int]:
    """Return the balance of every account of a kind by (owner, currency), summed from all its lines."""
    sql = """
        SELECT a.owner, a.currency, sum(l.amount_minor)
        FROM ledger_account a JOIN ledger_line l ON l.account_id = a.id WHERE a.kind = %s GROUP BY 1, 2"""
    return {(owner, currency): int(total) for owner, currency, total in rows(sql, [kind])}


def unbalanced_entries(limit: int) -> list[tuple[str, str, str, int]]:
    """Return entries (kind, source, currency, sum) whose lines do not sum to zero per currency."""
    sql = """
        SELECT e.kind, e.source, l.currency, sum(l.amount_minor)
        FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id
        GROUP BY e.id, e.kind, e.source, l.currency HAVING sum(l.amount_minor) <> 0 ORDER BY 1, 2 LIMIT %s"""
    return [(kind, source, currency, int(total)) for kind, source, currency, total in rows(sql, [limit])]
