"""The close of day: each zone's days in order, each day's steps in order, each step over its plans in chunks.

A chunk is one transaction: it locks the day's row, then plans that nobody else holds, does the step's work, and stores how far it has
come; steps that have nothing to do are gone through in one. Plans that are held (somebody pays at this moment) are left and tried again
before the step ends, so that nobody waits for the close for longer than a chunk takes, and the close waits for nobody.
"""

import logging
import time
import uuid
from collections.abc import Sequence
from datetime import datetime

from django.utils.module_loading import import_string

from collection.closing import Step, find_next, list_zones_behind, next_step
from collection.models import ClosedDay
from collection.services.notices import mark_overdue
from core.db import execute, unit
from plans.queries import lock_free_plans

log = logging.getLogger("bnpl.collection")
CHUNK = 1_000
# The chunk does not wait for the disk: one that is lost with the database's machine is lost with its place, and done again. Whatever
# follows from it is written behind it.
_SOON = "SET LOCAL synchronous_commit TO off"
RUN_S = 120.0
"""The longest wall time of a run, in seconds; the next run goes on where it stopped."""


def close_days(*, at: datetime) -> int:
    """Close all days that have ended in their time zone, those that were missed one after the other; return how many chunks it did.

    Run by a timer. Safe to repeat, to run in many workers at once, to run late, and to kill at any point. A zone whose close fails stays
    where it is, is shown in the back office, and does not stop the others.
    """
    behind = list_zones_behind(at)
    if behind:
        mark_overdue(at=at)
    done, until = 0, time.monotonic() + RUN_S
    for zone in behind:
        while time.monotonic() < until and _go_on(zone, at):
            done += 1
    return done


def _go_on(zone: str, at: datetime) -> bool:
    """Do the next chunk of a zone's close; return whether something was done."""
    closing = find_next(zone, at)
    if closing is None:
        return False
    if not closing.pk:
        ClosedDay.objects.bulk_create([closing], ignore_conflicts=True)
    try:
        try:
            return _chunk(zone, at)
        except Exception:  # noqa: BLE001  (told below, where it happens again)
            # Steps that had nothing to do before one that fails are done.
            return _chunk(zone, at, alone=True)
    except Exception as error:
        log.exception("the close of day is stuck: %s %s", zone, closing.day)
        told = f"{type(error).__name__}: {error}"[:200]
        ClosedDay.objects.filter(zone=zone, day=closing.day, closed_at=None).update(fault=told, stuck_at=at)
        return False


def _chunk(zone: str, at: datetime, *, alone: bool = False) -> bool:
    """Do one chunk of a zone's open day in one transaction; return False if another process does, or if all plans left are held.

    After steps that have nothing to do it goes on with the next one, unless `alone`.
    """
    with unit():
        execute(_SOON)
        closing = ClosedDay.objects.select_for_update(skip_locked=True).filter(zone=zone, closed_at=None).first()
        if closing is None:
            return False
        moved, goes_on = True, True
        while goes_on:
            step = next_step(closing)
            if step is None:
                closing.closed_at, goes_on = at, False
            else:
                moved, goes_on = _advance(closing, step, at)
                goes_on = goes_on and not alone
        if moved:
            closing.fault, closing.stuck_at = "", None
            closing.save()
    return moved


def _advance(closing: ClosedDay, step: Step, at: datetime) -> tuple[bool, bool]:
    """Run a step over its next plans, or over those that were left.

    Return whether it moved, which it does not if all that are left are still held; and whether nothing was left to do, so that the next
    step may begin in the same transaction.
    """
    if closing.step != step.name:
        closing.step, closing.after, closing.count, closing.left = step.name, None, 0, []
    service = import_string(step.service)
    if not step.find:
        count = service(zone=closing.zone, day=closing.day, at=at)
        _finish(closing, count)
        return True, not count
    found: Sequence[uuid.UUID] = import_string(step.find)(zone=closing.zone, day=closing.day, after=closing.after, limit=CHUNK)
    again = [] if found else [uuid.UUID(key) for key in closing.left[:CHUNK]]
    if not found and not again:
        _finish(closing, closing.count)
        return True, True
    locked = lock_free_plans(found or again)
    if again and not locked:
        return False, False
    closing.count += service(plan_ids=locked, day=closing.day, at=at) if locked else 0
    taken = set(locked)
    held = [str(key) for key in found or again if key not in taken]
    closing.left = [*closing.left[len(again) :], *held]
    closing.after = found[-1] if found else closing.after
    return True, False


def _finish(closing: ClosedDay, count: int) -> None:
    closing.done |= {closing.step: count}
    closing.step, closing.after, closing.count, closing.left = "", None, 0, []
