"""Reads of alerts, and of people linked with a person."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from core.db import rows
from core.errors import NotFound
from fraud.laundering.behavior import QUARTER
from fraud.laundering.models import LaunderingAlert, LaunderingLook, LaunderingReport
from fraud.states import AlertStatus

AGAIN_AFTER = timedelta(days=30)
"""A rule that still holds raises another alert after this time."""
MOST_LINKED = 200
_SHARED = ("device", "card", "phone", "email", "address")
_LINKED = " UNION ".join(
    f"""(SELECT o.consumer_id FROM fraud_sighting m JOIN fraud_sighting o ON o.{key} = m.{key} AND o.{key} <> '' AND o.at > %(since)s
        WHERE m.consumer_id = ANY(%(mine)s) AND m.{key} <> '' AND m.at > %(since)s AND o.consumer_id <> ALL(%(mine)s)
        LIMIT {MOST_LINKED})"""  # noqa: S608  (columns of our own)
    for key in _SHARED
)


def list_linked(accounts: Collection[uuid.UUID], at: datetime) -> list[uuid.UUID]:
    """Return accounts of other people who bought with the same device, card, phone, e-mail or address within 90 days; one query.

    At most 200 accounts for each kind of shared value.
    """
    return [key for (key,) in rows(_LINKED, {"mine": list(accounts), "since": at - QUARTER})]


def lock_alert(alert_id: uuid.UUID) -> LaunderingAlert:
    """Return an alert, locked until the transaction ends; NotFound."""
    found = LaunderingAlert.objects.filter(id=alert_id).select_for_update().first()
    if found is None:
        raise NotFound("There is no such alert.")
    return found


def lock_report(report_id: uuid.UUID) -> LaunderingReport:
    """Return a report of suspicion, locked until the transaction ends; NotFound."""
    found = LaunderingReport.objects.filter(id=report_id).select_for_update().first()
    if found is None:
        raise NotFound("There is no such report.")
    return found


def count_open() -> int:
    """Return how many alerts wait for an officer."""
    return LaunderingAlert.objects.filter(status=AlertStatus.OPEN).count()


def list_looks(alert_id: uuid.UUID, most: int) -> list[LaunderingLook]:
    """Return the looks at an alert, newest first."""
    return list(LaunderingLook.objects.filter(alert_id=alert_id).select_related("user").order_by("-id")[:most])


def list_quiet(consumer_id: uuid.UUID, at: datetime) -> set[str]:
    """Return the rules for which a person has an alert that is open or not older than 30 days."""
    mine = LaunderingAlert.objects.filter(consumer_id=consumer_id)
    lately, waiting = mine.filter(raised_at__gt=at - AGAIN_AFTER), mine.filter(status=AlertStatus.OPEN)
    return set((lately | waiting).values_list("rule", flat=True))
