"""What time alone brings about around a due date: a reminder before it, late status after it."""

import uuid
from collections.abc import Callable
from datetime import datetime

from plans import services as plans

CHUNK = 500
REMIND_DAYS = 3


def mark_overdue(*, at: datetime) -> int:
    """Mark what is unpaid after its date, where its consumer lives, as overdue and tell it; a timer. Return how many.

    What a charge is under way for is left until that is settled.
    """
    return _all(lambda: plans.mark_late(at=at, limit=CHUNK))


def mark_plan_overdue(*, plan_id: uuid.UUID, at: datetime) -> int:
    """Mark what of one plan is unpaid after its date as overdue, without waiting for the timer. Return how many."""
    return plans.mark_late(at=at, limit=CHUNK, plan_id=plan_id)


def remind_upcoming(*, at: datetime) -> int:
    """Tell once, up to three days before, that an installment falls due; a timer. Return how many.

    One that runs late does not remind of what is due already, nor of what is too small to be charged then.
    """
    return _all(lambda: plans.mark_reminded(at=at, days=REMIND_DAYS, limit=CHUNK))


def _all(mark: Callable[[], int]) -> int:
    """Mark chunk after chunk until one is not full; return how many were marked."""
    whole = 0
    while marked := mark():
        whole += marked
        if marked < CHUNK:
            break
    return whole
