"""Seal the audit log's rows of ended transactions, in order, by a function of the tables' owner; anchor days; log looks at the log."""

import time
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from controls.audit.models import AuditAnchor
from controls.events import DayAnchored
from core.acting import who_acts
from core.db import rows, unit
from core.outbox import append_all

MOST = 1_000
"""The most rows in one seal, unless a single transaction wrote more."""
BUDGET_S = 5.0


def seal_audit(*, at: datetime) -> int:
    """Seal all unsealed rows that no running transaction can still precede; return how many. Run by a timer.

    Each seal is a commit of its own. The search index's pending list is merged too, so that no act has to do it. `at` is not used: seals
    are made in real time.
    """
    whole, stop = 0, time.monotonic() + BUDGET_S
    while time.monotonic() < stop:
        with unit():
            ((sealed,),) = rows("SELECT public.audit_seal(%s)", [MOST])
        whole += sealed
        if sealed < MOST:
            break
    with unit():
        rows("SELECT public.audit_settle()")
    return whole


def anchor_audit(*, at: datetime) -> int:
    """Save and publish the end of the chain for each day that is over (UTC, real time); return how many days. Run by a timer.

    Anchoring a day writes a row in the log, so the next day has an anchor too, even if nothing else happens.
    """
    with unit():
        days = [day for (day,) in rows("SELECT public.audit_anchor()")]
        append_all([DayAnchored(**anchor.as_dict) for anchor in AuditAnchor.objects.filter(day__in=days).order_by("day")], at=at)
    return len(days)


class Reading(StrEnum):
    """Acts that only read, and are noted in the log all the same; the database's function takes no others."""

    EVIDENCE_OPENED = "controls.evidence_opened"
    DATA_COPIED = "accounts.data_copied"
    ORDERS_EXPORTED = "checkout.orders_exported"
    HELD_ORDERS_EXPORTED = "checkout.held_orders_exported"
    CASES_EXPORTED = "fraud.cases_exported"


def note_reading(*, reading: Reading, about: Sequence[str], at: datetime) -> None:
    """Record in the log that whoever acts reads something about some objects; call it before the answer is given."""
    actor, source = who_acts()
    with unit():
        rows("SELECT public.audit_noted(%s, %s, %s, %s, %s)", [reading.value, at, actor, source, list(about)])


def note_look_at_audit(*, actor: str, source: str, about: Sequence[str], at: datetime) -> None:
    """Record in the log that an operator looks at its rows about some objects."""
    with unit():
        rows("SELECT public.audit_looked(%s, %s, %s, %s)", [at, actor, source, list(about)])
