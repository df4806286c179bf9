"""Timed notices around a due date: a reminder before it, late status after it."""

import uuid
from collections.abc import Callable
from datetime import datetime

from collection.settable import REMIND_DAYS
from core.adjusting import value_of
from plans import services as plans

CHUNK = 500


def mark_overdue(*, at: datetime) -> int:
    """Mark installments unpaid after their due date (in the consumer's time zone) as overdue, and publish it; return how many.

    Run by a timer. Leaves out installments with a charge under way.
    """
    return _all(lambda: plans.mark_late(at=at, limit=CHUNK))


def mark_plan_overdue(*, plan_id: uuid.UUID, at: datetime) -> int:
    """Mark one plan's installments unpaid after their due date as overdue, without waiting for the timer. Return how many."""
    return plans.mark_late(at=at, limit=CHUNK, plan_id=plan_id)


def remind_upcoming(*, at: datetime) -> int:
    """Publish once, as many days ahead as its market has it, that an installment falls due; return how many. Run by a timer.

    A late run does not remind of installments that are already due, or that will be too small to be charged.
    """
    return _all(lambda: plans.mark_reminded(at=at, days=value_of(REMIND_DAYS), limit=CHUNK))


def _all(mark: Callable[[], int]) -> int:
    """Mark chunk after chunk until one is not full; return how many were marked."""
    whole = 0
    while marked := mark():
        whole += marked
        if marked < CHUNK:
            break
    return whole
