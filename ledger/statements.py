"""Reads of the ledger for pages: one account with its lines, one entry, and the trial balance of a span of days."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from core.arrays import text_array
from core.db import rows
from core.errors import NotFound
from ledger.texts import ENTRIES

PAGE = 50


@dataclass(frozen=True, slots=True)
class Side:
    """An amount on one side of an account, in minor units; the other side is 0."""

    debit_minor: int
    credit_minor: int

    @classmethod
    def of(cls, minor: int) -> "Side":
        """Return the side of an amount: positive is a debit."""
        return cls(max(minor, 0), max(-minor, 0))


@dataclass(frozen=True, slots=True)
class AccountView:
    """A ledger account and its balance."""

    id: uuid.UUID
    kind: str
    owner: str
    currency: str
    balance: Side


@dataclass(frozen=True, slots=True)
class LineView:
    """A line with its entry and its account; `cursor` is where the next page begins if this line ends the page."""

    entry_id: uuid.UUID
    entry_kind: str
    source: str
    at: datetime
    account_id: uuid.UUID
    account_kind: str
    owner: str
    currency: str
    amount: Side
    cursor: str


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One kind of account over a span of days: opening balance, debits, credits, closing balance."""

    kind: str
    currency: str
    opening: Side
    debit_minor: int
    credit_minor: int
    closing: Side


@dataclass(frozen=True, slots=True)
class Span:
    """Days (UTC) from the first to the last, both included."""

    first: date
    last: date

    @property
    def begins(self) -> datetime:
        """The first moment."""
        return datetime.combine(self.first, time.min, UTC)

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time.min, UTC)

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class MovedView:
    """A ledger account with its debits and credits in a span, in minor units."""

    id: uuid.UUID
    owner: str
    debit_minor: int
    credit_minor: int


_BALANCE = """coalesce((SELECT c.balance_minor FROM ledger_checkpoint c WHERE c.account_id = a.id), 0) + coalesce((
    SELECT sum(l.amount_minor) FROM ledger_line l WHERE l.account_id = a.id
        AND l.xid >= coalesce((SELECT c.through_xid FROM ledger_checkpoint c WHERE c.account_id = a.id), 0)), 0)"""


def get_account(account_id: uuid.UUID) -> AccountView:
    """Return an account with its balance, in constant time; NotFound."""
    found = rows(f"SELECT a.id, a.kind, a.owner, a.currency, {_BALANCE} FROM ledger_account a WHERE a.id = %s", [account_id])  # noqa: S608
    if not found:
        raise NotFound("There is no such account.")
    return _account(found[0])


def list_accounts(kind: str, currency: str, *, after: str = "", limit: int = PAGE) -> list[AccountView]:
    """Return the accounts of a kind in a currency with their balances, by owner; `after` is the last owner of the previous page."""
    sql = f"""
        SELECT a.id, a.kind, a.owner, a.currency, {_BALANCE} FROM (
            SELECT * FROM ledger_account WHERE kind = %s AND currency = %s AND (%s = '' OR owner > %s) ORDER BY owner LIMIT %s) a
        ORDER BY a.owner"""  # noqa: S608  (a constant)
    return [_account(row) for row in rows(sql, [kind, currency, after, after, limit])]


def _account(row: Sequence[Any]) -> AccountView:
    key, kind, owner, currency, balance = row
    return AccountView(key, kind, owner, currency, Side.of(int(balance)))


_LINE = """
    SELECT e.id, e.kind, e.source, e.at, a.id, a.kind, a.owner, l.currency, l.amount_minor, l.xid, l.id
    FROM {lines} l JOIN ledger_entry e ON e.id = l.entry_id JOIN ledger_account a ON a.id = l.account_id ORDER BY {order}"""


def list_account_lines(account_id: uuid.UUID, *, before: str = "", limit: int = PAGE) -> list[LineView]:
    """Return lines of an account, newest first, in constant time; `before` is the cursor of the last line of the previous page."""
    xid, key = _read(before)
    lines = """(
        SELECT * FROM ledger_line WHERE account_id = %(account)s AND xid <= %(xid)s AND (xid, id) < (%(xid)s, %(key)s)
        ORDER BY xid DESC, id DESC LIMIT %(limit)s)"""
    sql = _LINE.format(lines=lines, order="l.xid DESC, l.id DESC")
    return [_line(row) for row in rows(sql, {"account": account_id, "xid": xid, "key": key, "limit": limit})]


def list_entry_lines(entry_id: uuid.UUID) -> list[LineView]:
    """Return the lines of an entry, debits first; NotFound if there is no such entry."""
    sql = _LINE.format(lines="(SELECT * FROM ledger_line WHERE entry_id = %s)", order="l.amount_minor < 0, l.id")
    found = [_line(row) for row in rows(sql, [entry_id])]
    if not found:
        raise NotFound("There is no such entry.")
    return found


_MOST = 2**63 - 1


def _read(cursor: str) -> tuple[int, int]:
    """Return the transaction and the key in a cursor; NotFound if it is malformed."""
    if not cursor:
        return _MOST, _MOST
    xid, _sign, key = cursor.partition("-")
    if not (xid.isdecimal() and key.isdecimal() and max(len(xid), len(key)) < 19):
        raise NotFound("There is no such page.")
    return int(xid), int(key)


def _line(row: Sequence[Any]) -> LineView:
    entry, kind, source, at, account, account_kind, owner, currency, minor, xid, key = row
    return LineView(entry, kind, source, at, account, account_kind, owner, currency, Side.of(int(minor)), f"{xid}-{key}")


_MOVED = """
    SELECT a.id, a.owner, sum(greatest(l.amount_minor, 0)), sum(greatest(-l.amount_minor, 0))
    FROM ledger_entry e JOIN ledger_line l ON l.entry_id = e.id JOIN ledger_account a ON a.id = l.account_id
    WHERE e.at >= %(begins)s AND e.at < %(ends)s AND {which} GROUP BY a.id ORDER BY a.owner LIMIT %(limit)s"""


def list_moved(kind: str, currency: str, span: Span, *, after: str = "", limit: int = PAGE) -> list[MovedView]:
    """Return the accounts of a kind in a currency with lines in a span, by owner; reads the entries of the span."""
    which = "a.kind = %(kind)s AND a.currency = %(currency)s AND (%(after)s = '' OR a.owner > %(after)s)"
    told = {"kind": kind, "currency": currency, "after": after, "begins": span.begins, "ends": span.ends, "limit": limit}
    return [MovedView(key, owner, int(debit), int(credit)) for key, owner, debit, credit in rows(_MOVED.format(which=which), told)]


def moved_of(account_id: uuid.UUID, span: Span) -> tuple[int, int]:
    """Return an account's debits and credits in a span, in minor units."""
    told = {"account": account_id, "begins": span.begins, "ends": span.ends, "limit": 1}
    found = rows(_MOVED.format(which="a.id = %(account)s"), told)
    return (int(found[0][2]), int(found[0][3])) if found else (0, 0)


def list_lines_of_span(account_id: uuid.UUID, span: Span, *, before: str = "", limit: int = PAGE) -> list[LineView]:
    """Return lines of an account in a span, newest first; `before` is the cursor of the last line of the previous page."""
    _xid, key = _read(before)
    lines = """(
        SELECT l.* FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id
        WHERE l.account_id = %(account)s AND e.at >= %(begins)s AND e.at < %(ends)s AND l.id < %(key)s
        ORDER BY l.id DESC LIMIT %(limit)s)"""
    told = {"account": account_id, "begins": span.begins, "ends": span.ends, "key": key, "limit": limit}
    return [_line(row) for row in rows(_LINE.format(lines=lines, order="l.id DESC"), told)]


# Daily totals and the lines not yet in them are read from one snapshot, so that each line counts once.
_TRIAL = """
    WITH moved AS (
        SELECT t.kind, t.currency, t.day, t.debit_minor, t.credit_minor FROM ledger_daytotal t WHERE t.day <= %(last)s
        UNION ALL
        SELECT a.kind, l.currency, (e.at AT TIME ZONE 'UTC')::date, greatest(l.amount_minor, 0), greatest(-l.amount_minor, 0)
        FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id JOIN ledger_account a ON a.id = l.account_id
        WHERE l.xid >= coalesce((SELECT through_xid FROM ledger_dayfold), 0) AND e.at < %(ends)s)
    SELECT kind, currency,
        coalesce(sum(debit_minor - credit_minor) FILTER (WHERE day < %(first)s), 0),
        coalesce(sum(debit_minor) FILTER (WHERE day >= %(first)s), 0),
        coalesce(sum(credit_minor) FILTER (WHERE day >= %(first)s), 0)
    FROM moved GROUP BY 1, 2 ORDER BY 2, 1"""


def trial_balance_of(span: Span) -> list[TrialRow]:
    """Return the trial balance of a span, by currency and kind; reads daily totals, and the lines not yet in them."""
    found = rows(_TRIAL, {"first": span.first, "last": span.last, "ends": span.ends})
    return [_trial_row(kind, currency, int(opening), int(debit), int(credit)) for kind, currency, opening, debit, credit in found]


def _trial_row(kind: str, currency: str, opening: int, debit: int, credit: int) -> TrialRow:
    return TrialRow(kind, currency, Side.of(opening), debit, credit, Side.of(opening + debit - credit))


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry without its lines."""

    id: uuid.UUID
    kind: str
    at: datetime


_ENTRIES_OF = """
    SELECT e.id, e.kind, e.at FROM ledger_entry e WHERE e.kind = ANY(%s::text[]) AND e.source = ANY(%s::text[]) ORDER BY e.id LIMIT %s"""


def list_entries_of(sources: Sequence[str]) -> list[EntryView]:
    """Return the entries with these sources (public ids), oldest first, at most one page; uses the index of kind and source."""
    if not sources:
        return []
    return [EntryView(*row) for row in rows(_ENTRIES_OF, [text_array(ENTRIES), text_array(sources), PAGE])]
