"""Fold the lines of busy accounts into checkpoints, so that a balance is read in constant time."""

from datetime import datetime

from core.db import execute, try_lock, unit

FOLD_LINES = 1_000
SHARED = ["cash", "merchant_payable", "payouts_in_transit", "fee_income", "interest_income"]
"""Kinds of accounts that many plans post to; a plan's own stay small."""

# Folds only lines of transactions that every snapshot sees: lines of running transactions stay above the checkpoint.
# Each account reads its own lines since its checkpoint from the index, so that this costs the same however long the ledger is.
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
    """Fold every shared account with at least 1,000 lines since its checkpoint; a timer. Return how many were folded."""
    with unit():
        return execute(_FOLD, [SHARED, FOLD_LINES]) if try_lock("ledger:fold") else 0
