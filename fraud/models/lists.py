"""Entries of block and allow lists."""

from datetime import date

from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Consumer
from core.crypto import EncryptedTextField
from core.evidence import kept, settled
from core.ids import Identified
from core.ranges import RangeField
from fraud.states import Listed, ListKind


class ListEntry(Identified):
    """A value that is blocked or allowed until the end of a day (UTC), as a keyed hash; for a range of addresses, the range itself too.

    `key` is the value's hash as in sightings, `shown` its readable part. `consumer` is the account by which it was listed, if any; when
    that is erased, the account, the reasons and the shown text are deleted. `added_by` and `ended_by` are operators' keys or other actors.
    """

    PREFIX = "lse"
    HOLDS_SQL = "ended_at IS NULL AND until >= %(today)s"
    """`holding` for a statement, with its day as `today`."""
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="+", null=True)
    listed = models.CharField(max_length=5, choices=[(one.value, one.value) for one in Listed])
    kind = models.CharField(max_length=7, choices=[(one.value, one.value) for one in ListKind])
    key = models.CharField(max_length=32)
    net = RangeField(null=True)
    shown = models.CharField(max_length=260, blank=True)
    reason = EncryptedTextField(blank=True, person="consumer_id")
    added_by = models.CharField(max_length=80)
    at = models.DateTimeField()
    until = models.DateField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=80, blank=True, default="")
    end_reason = EncryptedTextField(blank=True, person="consumer_id")

    class Meta:
        verbose_name, verbose_name_plural = _("entry of a list"), _("block and allow lists")
        constraints = [
            models.UniqueConstraint(fields=["key", "listed"], name="list_entry_once", condition=Q(ended_at=None)),
            models.CheckConstraint(condition=Q(listed__in=[one.value for one in Listed]), name="list_entry_list_known"),
            models.CheckConstraint(condition=Q(kind__in=[one.value for one in ListKind]), name="list_entry_kind_known"),
            models.CheckConstraint(condition=Q(net=None) ^ Q(kind=ListKind.RANGE.value), name="list_entry_range_whole"),
        ]
        indexes = [
            GistIndex(fields=["net"], opclasses=["inet_ops"], name="list_entry_range", condition=Q(ended_at=None, net__isnull=False)),
            models.Index(fields=["listed", "-id"], name="list_entry_list"),
            models.Index(fields=["key"], name="list_entry_value"),
            models.Index(fields=["shown"], name="list_entry_shown"),
            models.Index(fields=["kind", "-id"], name="list_entry_kind"),
            models.Index(fields=["-id"], name="list_entry_open", condition=Q(ended_at=None)),
        ]
        triggers = [
            *kept(changing=["ended_at", "ended_by", "end_reason", "reason", "shown", "consumer"]),
            settled("ended_once", "OLD.ended_at IS NOT NULL", fixed=["ended_at", "ended_by"]),
        ]

    def __str__(self) -> str:
        return self.public_id

    @staticmethod
    def holding(day: date) -> Q:
        """Return the condition that an entry is in force on a day (UTC)."""
        return Q(ended_at=None, until__gte=day)

    def holds_on(self, day: date) -> bool:
        """Return whether it is in force on a day (UTC), as `holding` does."""
        return self.ended_at is None and self.until >= day
