"""Reads of the audit log for the back office."""

from datetime import timedelta

from django.db.models import QuerySet

from controls.audit.models import AuditRow, AuditSeal

SPAN = timedelta(hours=1)


def rows_of_transaction(rows: QuerySet[AuditRow], row: AuditRow, most: int) -> QuerySet[AuditRow]:
    """Return those of `rows` that were written in the same transaction as `row`, in order."""
    # Transaction numbers can repeat after a restore of the database; the time distinguishes them.
    near = rows.filter(xid=row.xid, wall__gte=row.wall - SPAN, wall__lte=row.wall + SPAN)
    return near.exclude(pk=row.pk).order_by("pk")[:most]


def find_seal(row: AuditRow) -> AuditSeal | None:
    """Return the seal of a row; None if it is not sealed yet."""
    seals = AuditSeal.objects.defer("digests").filter(made_at__gte=row.wall, rows__contains=[row.pk])
    return seals.order_by("number").first()
