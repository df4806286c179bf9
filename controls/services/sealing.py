"""The audit log: rows whose transactions have ended are sealed, in order, by a function of the tables' owner; looks at it are noted."""

import time
from collections.abc import Sequence
from datetime import datetime

from controls.audit.models import AuditAnchor
from controls.events import DayAnchored
from core.db import rows, unit
from core.outbox import append_all

MOST = 1_000
"""How many rows one seal holds, but for a transaction that wrote more."""
BUDGET_S = 5.0


def seal_audit(*, at: datetime) -> int:
    """Seal the rows of the audit log that are not sealed yet and that no running transaction may come before; a timer. Return how many.

    Each seal is a commit of its own. What the search index has waiting is sorted in too, so that no act has to. `at` does not matter:
    seals are made in real time.
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
    """Keep the end of the chain of each day that is over (UTC, real time), and tell it; a timer. Return how many days.

    The log has a row of each day that is told, so that the next day has an anchor too, even where nothing else happens.
    """
    with unit():
        days = [day for (day,) in rows("SELECT public.audit_anchor()")]
        append_all([DayAnchored(**anchor.told) for anchor in AuditAnchor.objects.filter(day__in=days).order_by("day")], at=at)
    return len(days)


def note_look_at_audit(*, actor: str, source: str, about: Sequence[str], at: datetime) -> None:
    """Record in the log that an operator looks at what it says about some objects."""
    with unit():
        rows("SELECT public.audit_looked(%s, %s, %s, %s)", [at, actor, source, list(about)])
