"""Giving way: long work of the machine's own pauses while what a person waits for stands in a queue."""

import time

from core.lanes import Lane, Urgency
from core.short_memory import NO_ANSWER, store

LOOK_S = 0.05
SEPARATOR = "\x06\x16"
"""Stands between a queue's name and a priority above 0 in the name of the list in which Celery keeps them in Redis."""
_AHEAD = f"{Lane.DELIVER}{SEPARATOR}{int(Urgency.USUAL)}"


def people_wait() -> bool:
    """Tell whether tasks stand in the lane of events that are not patient; False where Redis does not answer."""
    try:
        return bool(store().llen(_AHEAD))
    except NO_ANSWER:
        return False


def give_way(most_s: float) -> float:
    """Wait until nobody waits, or for `most_s` seconds; return the seconds waited.

    Work that waits after each part for at most as long as a multiple of what the part took goes on however busy the machine is.
    """
    began = time.monotonic()
    while (waited := time.monotonic() - began) < most_s and people_wait():
        time.sleep(min(LOOK_S, most_s - waited))
    return time.monotonic() - began
