"""Rows of the audit log, their seals, and daily anchors. Only functions of the tables' owner write them; the application just reads."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from core.evidence import kept


class AuditRow(models.Model):
    """One act: its name (`act`), its actor, the program (`source`), the objects, and facts that identify nobody.

    `at` is product time, `wall` real time. `about` has the public ids and keys of the objects, as in the source row. Rows of one
    transaction share its number `xid`.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    wall = models.DateTimeField(db_default=Now())
    xid = models.BigIntegerField(db_default=RawSQL("pg_current_xact_id()::text::bigint", []), editable=False)
    actor = models.TextField()
    source = models.TextField()
    act = models.TextField()
    about = ArrayField(models.TextField())
    facts = models.JSONField()

    class Meta:
        verbose_name, verbose_name_plural = "audit row", "audit log"
        indexes = [
            # For the filters of lists. For frequent values, the planner reads by primary key instead, since matching rows are then near the
            # end. New rows wait in the GIN index's pending list until the next seal merges them.
            GinIndex(RawSQL("(about || ARRAY[act, actor])", []), name="audit_found", fastupdate=True, gin_pending_list_limit=4096),
            BrinIndex(fields=["xid"], name="audit_newest", autosummarize=True, pages_per_range=16),
            BrinIndex(fields=["wall"], name="audit_by_time", autosummarize=True, pages_per_range=16),
        ]
        triggers = kept()

    def __str__(self) -> str:
        return f"{self.act} {self.pk}"


class AuditSeal(models.Model):
    """Seals rows of ended transactions: their keys, in order, and the digest of each (32 bytes per row).

    `link` is a digest of the previous seal's link (`before`) and of this seal's content, so that changing a seal would change all later
    ones. All rows of transactions below `through_xid` are sealed. `restored` marks the first seal after the database was restored on
    another server, where transactions are numbered anew.
    """

    number = models.BigIntegerField(primary_key=True)
    made_at = models.DateTimeField()
    through_xid = models.BigIntegerField()
    restored = models.BooleanField(default=False)
    rows = ArrayField(models.BigIntegerField())
    digests = models.BinaryField()
    before = models.BinaryField()
    link = models.BinaryField()

    class Meta:
        indexes = [BrinIndex(fields=["made_at"], name="seal_by_time", autosummarize=True, pages_per_range=16)]
        triggers = kept()

    def __str__(self) -> str:
        return f"seal {self.number}"


class AuditHead(models.Model):
    """The end of the chain: number and link of the newest seal, and how far rows are sealed. One row.

    Rows up to `floor_id` are from before a restore.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField()
    link = models.BinaryField()
    through_xid = models.BigIntegerField()
    floor_id = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_head_one_row")]
        triggers = kept(changing=["number", "link", "through_xid", "floor_id"])

    def __str__(self) -> str:
        return f"head {self.number}"


class AuditAnchor(models.Model):
    """The end of the chain at the end of a day (UTC, real time). Copies are kept outside the database."""

    day = models.DateField(primary_key=True)
    number = models.BigIntegerField()
    link = models.BinaryField()
    sealed = models.BigIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        triggers = kept()

    def __str__(self) -> str:
        return f"{self.day}"

    @property
    def as_dict(self) -> dict[str, Any]:
        """Return it in the form of its copies: plain values, the link in hex."""
        return {"day": str(self.day), "number": self.number, "link": bytes(self.link).hex(), "sealed": self.sealed}
