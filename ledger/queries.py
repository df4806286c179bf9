"""Reads of the ledger: balances in constant time, and the sums for checking the ledger."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from core.db import rows, stream
from ledger.models import account_id

ACCOUNTS_BUSY = """EXISTS (
    SELECT 1 FROM ledger_account a LEFT JOIN ledger_checkpoint c ON c.account_id = a.id
    WHERE a.kind IN ('cash', 'merchant_payable', 'payouts_in_transit', 'fee_income', 'interest_income') AND EXISTS (
        SELECT 1 FROM ledger_line l WHERE l.account_id = a.id AND l.xid >= coalesce(c.through_xid, 0) OFFSET 999 LIMIT 1))"""
"""SQL: whether a shared account has at least a thousand lines since its checkpoint."""

LINES_UNFOLDED = """EXISTS (
    SELECT 1 FROM ledger_line l WHERE l.xid >= coalesce((SELECT through_xid FROM ledger_dayfold), 0) OFFSET 999 LIMIT 1)"""
"""SQL: whether at least a thousand lines are not yet in the daily totals."""

_BALANCE = """
    SELECT coalesce(c.balance_minor, 0) + coalesce((
        SELECT sum(l.amount_minor) FROM ledger_line l WHERE l.account_id = a.id AND l.xid >= coalesce(c.through_xid, 0)), 0)
    FROM (SELECT %s::uuid AS id) a LEFT JOIN ledger_checkpoint c ON c.account_id = a.id"""


def balance(*, kind: str, owner: str, currency: str) -> int:
    """Return an account's balance in minor units, debit positive; 0 for an account without postings."""
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


# Public ids sort letters before digits, keys sort digits before letters. This translation makes owners sort like their keys.
SORTED_AS_KEYS = "translate({}, 'abcdefghijklmnopqrstuvwxyz234567', '0123456789abcdefghijklmnopqrstuv') COLLATE \"C\""


def stream_balances(kind: str) -> Iterator[tuple[str, str, int]]:
    """Yield the balance of every account of a kind as (owner, currency, sum of all its lines), owners in the order of their keys."""
    sql = f"""
        SELECT a.owner, a.currency, sum(l.amount_minor)
        FROM ledger_account a JOIN ledger_line l ON l.account_id = a.id WHERE a.kind = %s GROUP BY a.id
        ORDER BY {SORTED_AS_KEYS.format("a.owner")}, a.currency"""  # noqa: S608  (a constant)
    return ((owner, currency, int(total)) for owner, currency, total in stream(sql, [kind]))


def list_owners(kind: str) -> list[str]:
    """Return the owners of accounts of a kind."""
    return [owner for (owner,) in rows("SELECT DISTINCT owner FROM ledger_account WHERE kind = %s ORDER BY 1", [kind])]


Moment = datetime | None
"""A bound of a time span; None means no bound."""
_WITHIN = "(%(since)s::timestamptz IS NULL OR e.at >= %(since)s) AND (%(until)s::timestamptz IS NULL OR e.at < %(until)s)"


def count_entries(*, since: Moment = None, until: Moment = None) -> tuple[int, int]:
    """Return the numbers of entries and lines from `since` (included) to `until` (excluded)."""
    sql = f"""
        SELECT count(*), coalesce(sum((SELECT count(*) FROM ledger_line l WHERE l.entry_id = e.id)), 0)
        FROM ledger_entry e WHERE {_WITHIN}"""  # noqa: S608  (a constant)
    if since is until is None:
        sql = "SELECT (SELECT count(*) FROM ledger_entry), (SELECT count(*) FROM ledger_line)"
    entries, lines = rows(sql, {"since": since, "until": until})[0]
    return int(entries), int(lines)


def unbalanced_entries(*, since: Moment = None, until: Moment = None) -> Iterator[tuple[str, str, str, int]]:
    """Yield entries (kind, source, currency, sum) whose lines do not sum to zero per currency."""
    sql = f"""
        SELECT e.kind, e.source, l.currency, sum(l.amount_minor)
        FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id WHERE {_WITHIN}
        GROUP BY e.id, e.kind, e.source, l.currency HAVING sum(l.amount_minor) <> 0 ORDER BY 1, 2"""  # noqa: S608  (a constant)
    found = stream(sql, {"since": since, "until": until})
    return ((kind, source, currency, int(total)) for kind, source, currency, total in found)


def empty_entries(*, since: Moment = None, until: Moment = None) -> Iterator[tuple[str, str]]:
    """Yield entries (kind, source) without a line."""
    sql = f"""
        SELECT e.kind, e.source FROM ledger_entry e
        WHERE {_WITHIN} AND NOT EXISTS (SELECT 1 FROM ledger_line l WHERE l.entry_id = e.id) ORDER BY 1, 2"""  # noqa: S608  (a constant)
    return ((kind, source) for kind, source in stream(sql, {"since": since, "until": until}))


def first_day() -> date | None:
    """Return the day (UTC) of the first entry; None if there is no entry."""
    found = rows("SELECT (min(at) AT TIME ZONE 'UTC')::date FROM ledger_entry")[0][0]
    return found if isinstance(found, date) else None


def wrong_checkpoints() -> Iterator[tuple[str, str, str, int, int]]:
    """Yield wrong checkpoints as (kind, owner, currency, stored balance, sum of the lines below them)."""
    sql = """
        SELECT a.kind, a.owner, a.currency, c.balance_minor, below.total
        FROM ledger_checkpoint c JOIN ledger_account a ON a.id = c.account_id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(l.amount_minor), 0) AS total FROM ledger_line l
            WHERE l.account_id = c.account_id AND l.xid < c.through_xid) below
        WHERE c.balance_minor <> below.total ORDER BY 1, 2, 3"""
    return ((kind, owner, currency, int(said), int(total)) for kind, owner, currency, said, total in stream(sql))


def wrong_day_totals() -> Iterator[tuple[str, str, date, int, int]]:
    """Yield wrong daily totals as (kind, currency, day, stored debits less credits, debits less credits of the folded lines)."""
    sql = """
        SELECT kind, currency, day, coalesce(t.debit_minor - t.credit_minor, 0), coalesce(l.debit_minor - l.credit_minor, 0)
        FROM ledger_daytotal t FULL JOIN (
            SELECT (e.at AT TIME ZONE 'UTC')::date AS day, a.kind, l.currency,
                sum(greatest(l.amount_minor, 0)) AS debit_minor, sum(greatest(-l.amount_minor, 0)) AS credit_minor
            FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id JOIN ledger_account a ON a.id = l.account_id
            WHERE l.xid < coalesce((SELECT through_xid FROM ledger_dayfold), 0) GROUP BY 1, 2, 3) l USING (day, kind, currency)
        WHERE (t.debit_minor, t.credit_minor) IS DISTINCT FROM (l.debit_minor, l.credit_minor) ORDER BY 3, 1, 2"""
    return ((kind, currency, day, int(said), int(total)) for kind, currency, day, said, total in stream(sql))


def cash_moved(kind: str, sources: Sequence[str]) -> dict[str, tuple[str, str, int]]:
    """Return the cash lines of entries of a kind, by source: (gateway, currency, amount in minor units), debit positive."""
    sql = """
        SELECT e.source, a.owner, l.currency, l.amount_minor
        FROM ledger_entry e JOIN ledger_line l ON l.entry_id = e.id JOIN ledger_account a ON a.id = l.account_id
        WHERE e.kind = %s AND e.source = ANY(%s) AND a.kind = 'cash'"""
    return {source: (gateway, currency, int(minor)) for source, gateway, currency, minor in rows(sql, [kind, list(sources)])}


def stream_sources(kind: str, *, since: Moment = None, until: Moment = None) -> Iterator[str]:
    """Yield the source of each entry of a kind from `since` (included) to `until` (excluded), by source, or by time if bounded."""
    # With bounds, the index on time finds the entries; sorting by source would scan all entries of the kind.
    order = "e.source" if since is until is None else "e.at, e.source"
    sql = f"SELECT e.source FROM ledger_entry e WHERE e.kind = %(kind)s AND {_WITHIN} ORDER BY {order}"  # noqa: S608  (constants)
    return (source for (source,) in stream(sql, {"kind": kind, "since": since, "until": until}))


def amounts_by_source(kind: str, account: str) -> dict[tuple[str, str], int]:
    """Return what entries of a kind moved on accounts of a kind, by source and currency, debit positive."""
    sql = """
        SELECT e.source, l.currency, sum(l.amount_minor)
        FROM ledger_entry e JOIN ledger_line l ON l.entry_id = e.id JOIN ledger_account a ON a.id = l.account_id
        WHERE e.kind = %s AND a.kind = %s GROUP BY 1, 2"""
    return {(source, currency): int(total) for source, currency, total in rows(sql, [kind, account])}


def stream_balances_at(kinds: Sequence[str], until: datetime) -> Iterator[tuple[str, int]]:
    """Yield the sum of each owner's accounts of some kinds (one currency an owner), of entries before a moment; sums of 0 are left out."""
    sql = """
        SELECT a.owner, sum(l.amount_minor)
        FROM ledger_account a JOIN ledger_line l ON l.account_id = a.id JOIN ledger_entry e ON e.id = l.entry_id
        WHERE a.kind = ANY(%s) AND e.at < %s GROUP BY 1 HAVING sum(l.amount_minor) <> 0"""
    return ((owner, int(total)) for owner, total in stream(sql, [list(kinds), until]))
