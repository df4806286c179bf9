"""Long background work pauses while people wait for tasks in a queue."""

import time

from core.lanes import Lane, Urgency
from core.short_memory import NO_ANSWER, store

LOOK_S = 0.05
SEPARATOR = "\x06\x16"
"""Celery names the Redis list of a priority above 0 by the queue's name, this separator and the priority."""
_AHEAD = f"{Lane.DELIVER}{SEPARATOR}{int(Urgency.USUAL)}"


def people_wait() -> bool:
    """Return whether tasks other than patient ones wait in the events lane; False where Redis does not answer."""
    try:
        return bool(store().llen(_AHEAD))
    except NO_ANSWER:
        return False


def give_way(most_s: float) -> float:
    """Pause until no person waits, or for at most `most_s` seconds; return the seconds waited.

    If `most_s` is a multiple of how long the last part of the work took, the work always goes on, however busy the machine is.
    """
    began = time.monotonic()
    while (waited := time.monotonic() - began) < most_s and people_wait():
        time.sleep(min(LOOK_S, most_s - waited))
    return time.monotonic() - began
