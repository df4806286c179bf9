"""Double-entry ledger. The database itself refuses unbalanced entries and changes of history.

One statement inserts all lines of an entry. A trigger on that statement refuses it unless each entry in it sums to zero per currency and
was posted by the same transaction. A balance is the checkpoint plus the lines since it, so no shared row is updated while money moves.
"""

import uuid
from functools import lru_cache

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from core.evidence import kept
from core.ids import Identified

NAMESPACE = uuid.UUID("7d3f9b52-5a7e-4e0c-9d7c-6f1c1e1a9b10")

_BALANCED = """
    IF EXISTS (SELECT 1 FROM new_lines GROUP BY entry_id, currency HAVING sum(amount_minor) <> 0) THEN
        RAISE EXCEPTION 'ledger entry does not balance' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    -- An entry is posted whole: its lines are of one transaction. Each is looked up by its entry, however many there are.
    IF EXISTS (
        SELECT 1 FROM new_lines n WHERE n.xid <> pg_current_xact_id()::text::bigint
    ) OR EXISTS (
        SELECT 1 FROM new_lines n CROSS JOIN LATERAL (
            SELECT 1 FROM ledger_line l WHERE l.entry_id = n.entry_id AND l.xid <> n.xid OFFSET 0) earlier
    ) THEN
        RAISE EXCEPTION 'ledger entry was posted before' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
"""


@lru_cache(maxsize=10_000)
def account_id(kind: str, owner: str, currency: str) -> uuid.UUID:
    """Return the key of an account, computed from its kind, owner and currency, so that posting needs no look-up."""
    return uuid.uuid5(NAMESPACE, f"{kind}|{owner}|{currency}")


class Account(models.Model):
    """A ledger account: a kind, an owner and a currency."""

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.CharField(max_length=40)
    owner = models.CharField(max_length=60, blank=True)
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "owner", "currency"], name="ledger_account_once")]
        triggers = kept()

    def __str__(self) -> str:
        return f"{self.kind}:{self.owner}:{self.currency}"


class Entry(Identified):
    """One ledger entry: its kind, its cause (`source`, unique), and its time."""

    kind = models.CharField(max_length=40)
    source = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "entries"
        constraints = [models.UniqueConstraint(fields=["kind", "source"], name="ledger_entry_once")]
        indexes = [models.Index(fields=["at"], name="ledger_entry_at")]
        triggers = kept()

    def __str__(self) -> str:
        return f"{self.kind} {self.source}"


class Line(models.Model):
    """One side of an entry: debits are positive, credits negative."""

    id = models.BigAutoField(primary_key=True)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="lines")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lines", db_index=False)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    xid = models.BigIntegerField(db_default=models.expressions.RawSQL("pg_current_xact_id()::text::bigint", []), editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(amount_minor=0), name="ledger_line_not_zero")]
        indexes = [
            models.Index(fields=["account", "xid"], name="ledger_line_account", include=["amount_minor"]),
            # Lines are stored nearly in the order of their transactions, so a BRIN index of a few bytes finds the newest.
            BrinIndex(fields=["xid"], name="ledger_line_newest", autosummarize=True, pages_per_range=16),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="line_balanced",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                level=pgtrigger.Statement,
                referencing=pgtrigger.Referencing(new="new_lines"),
                func=_BALANCED,
            ),
            *kept(),
        ]


class Checkpoint(models.Model):
    """An account's balance from all lines of transactions below `through_xid`."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, primary_key=True)
    balance_minor = models.BigIntegerField()
    through_xid = models.BigIntegerField()

    class Meta:
        triggers = kept(changing=["balance_minor", "through_xid"])


class DayTotal(models.Model):
    """The debits and credits of a kind of account in a currency on a day (UTC), in minor units, from the lines folded into it so far.

    Each line is folded once, in the order of transactions, not of days: a line posted late for an old day is added to that day's total.
    """

    day = models.DateField()
    kind = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    debit_minor = models.BigIntegerField()
    credit_minor = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "kind", "currency"], name="ledger_day_total_once")]
        triggers = kept(changing=["debit_minor", "credit_minor"])

    def __str__(self) -> str:
        return f"{self.kind} on {self.day}"


class DayFold(models.Model):
    """How far lines are folded into the daily totals: all lines of transactions below `through_xid`. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    through_xid = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="ledger_day_fold_one")]
        triggers = kept(changing=["through_xid"])
