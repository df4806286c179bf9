"""Fold lines into checkpoints of busy accounts and into daily totals, so that balances and trial balances are read in constant time."""

from datetime import datetime

from core.db import execute, rows, try_lock, unit

FOLD_LINES = 1_000
SHARED = ["cash", "merchant_payable", "payouts_in_transit", "fee_income", "interest_income"]
"""Kinds of accounts that many plans post to; accounts of a single plan stay small."""

# Folds only lines of transactions that every snapshot sees: lines of running transactions stay above the checkpoint. Reads only each
# account's lines since its checkpoint, by index, so the cost does not grow with the ledger.
_FOLD = """
    WITH horizon AS (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xid),
    busy AS (
        SELECT a.id AS account_id, since.total
        FROM horizon h CROSS JOIN ledger_account a LEFT JOIN ledger_checkpoint c ON c.account_id = a.id
        CROSS JOIN LATERAL (
            SELECT sum(l.amount_minor) AS total, count(*) AS lines FROM ledger_line l
            WHERE l.account_id = a.id AND l.xid >= coalesce(c.through_xid, 0) AND l.xid < h.xid) since
        WHERE a.kind = ANY(%s) AND since.lines >= %s)
    INSERT INTO ledger_checkpoint (account_id, balance_minor, through_xid)
    SELECT b.account_id, b.total, h.xid FROM busy b, horizon h
    ON CONFLICT (account_id) DO UPDATE
    SET balance_minor = ledger_checkpoint.balance_minor + excluded.balance_minor, through_xid = excluded.through_xid"""


def fold_balances(*, at: datetime) -> int:
    """Fold every shared account with at least 1,000 lines since its checkpoint; return how many were folded. Run by a timer."""
    with unit():
        return execute(_FOLD, [SHARED, FOLD_LINES]) if try_lock("ledger:fold") else 0


MOST_TRANSACTIONS = 500_000
"""The most transactions that one run folds; a ledger that was never folded takes several runs."""

_SPAN = """
    SELECT since, least(pg_snapshot_xmin(pg_current_snapshot())::text::bigint, since + %s)
    FROM (SELECT coalesce((SELECT through_xid FROM ledger_dayfold), 0) AS since) folded"""
_FOLD_DAYS = """
    INSERT INTO ledger_daytotal (day, kind, currency, debit_minor, credit_minor)
    SELECT (e.at AT TIME ZONE 'UTC')::date, a.kind, l.currency, sum(greatest(l.amount_minor, 0)), sum(greatest(-l.amount_minor, 0))
    FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id JOIN ledger_account a ON a.id = l.account_id
    WHERE l.xid >= %s AND l.xid < %s GROUP BY 1, 2, 3
    ON CONFLICT (day, kind, currency) DO UPDATE SET
        debit_minor = ledger_daytotal.debit_minor + excluded.debit_minor,
        credit_minor = ledger_daytotal.credit_minor + excluded.credit_minor"""
_FOLDED = """
    INSERT INTO ledger_dayfold (id, through_xid) VALUES (1, %s) ON CONFLICT (id) DO UPDATE SET through_xid = excluded.through_xid"""


def fold_days(*, at: datetime) -> int:
    """Fold the lines of finished transactions into the daily totals, each line once; return how many totals changed. Run by a timer."""
    with unit():
        if not try_lock("ledger:days"):
            return 0
        since, until = rows(_SPAN, [MOST_TRANSACTIONS])[0]
        if until <= since:
            return 0
        changed = execute(_FOLD_DAYS, [since, until])
        execute(_FOLDED, [until])
    return changed
