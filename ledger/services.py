"""Folding: moves balances of busy accounts into checkpoints, so that reading them stays constant."""

from datetime import datetime

from core.db import execute, try_lock, unit

FOLD_LINES = 1_000

# Only lines of transactions that every snapshot sees are folded: what still runs stays a line above the checkpoint.
_FOLD = """
    WITH horizon AS (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xid),
    busy AS (
        SELECT l.account_id, sum(l.amount_minor) AS total FROM ledger_line l
        LEFT JOIN ledger_checkpoint c USING (account_id), horizon h
        WHERE l.xid >= coalesce(c.through_xid, 0) AND l.xid < h.xid
        GROUP BY l.account_id HAVING count(*) >= %s)
    INSERT INTO ledger_checkpoint (account_id, balance_minor, through_xid)
    SELECT b.account_id, b.total, h.xid FROM busy b, horizon h
    ON CONFLICT (account_id) DO UPDATE
    SET balance_minor = ledger_checkpoint.balance_minor + excluded.balance_minor, through_xid = excluded.through_xid"""


def fold_balances(*, at: datetime) -> int:
    """Fold every account with at least 1,000 lines since its checkpoint; a timer. Return how many were folded."""
    with unit():
        return execute(_FOLD, [FOLD_LINES]) if try_lock("ledger:fold") else 0
