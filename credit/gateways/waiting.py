"""Calls that are waited for no longer than they may take; what they bring later is handed over where it comes."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import connection

from core.remote import refuse_inside_transaction
from credit.gateways.base import SourceLate, SourceUnavailable

log = logging.getLogger("bnpl.credit")
T = TypeVar("T")
MOST_WAITING = 64
"""The most calls of a process that may be under way; further ones count as late at once."""
LONGEST_PAUSE_S = 0.05
_places = threading.BoundedSemaphore(MOST_WAITING)


class Call(Generic[T]):
    """A call in a thread of its own; its result goes to whoever waits, or to `late` if nobody waits any more."""

    def __init__(self, ask: Callable[[], T], late: Callable[[T, int], object]) -> None:
        self._ask, self._late, self._lock = ask, late, threading.Lock()
        self._began, self._left, self._done = time.monotonic(), False, threading.Event()
        self._found: T | Exception | None = None

    def run(self) -> None:
        """Make the call, and hand its result over."""
        try:
            found: T | Exception = self._ask()
        except Exception as error:  # noqa: BLE001  (raised again where the call is waited for)
            found = error
        with self._lock:
            self._found, left = found, self._left
            self._done.set()
        try:
            if left and not isinstance(found, Exception):
                self._late(found, self.took_ms())
        except Exception as error:  # noqa: BLE001  (nobody waits for it)
            log.warning("a late answer was lost: %s", type(error).__name__)
        finally:
            connection.close()
            _places.release()

    def wait(self, seconds: float) -> T:
        """Return the answer; SourceUnavailable, and SourceLate if it does not come within some seconds from now."""
        self._done.wait(max(0, seconds))
        with self._lock:
            self._left = not self._done.is_set()
        if self._left or self._found is None:
            raise SourceLate("no answer in time")
        if isinstance(self._found, Exception):
            raise self._found
        return self._found

    def took_ms(self) -> int:
        """Return the time since the call began, in milliseconds."""
        return round((time.monotonic() - self._began) * 1000)


def begin(ask: Callable[[], T], *, seconds: float, tries: int, late: Callable[[T, int], object]) -> Call[T]:
    """Begin a call that may be waited for; SourceLate if too many are under way.

    A call that fails is made again, up to `tries` times within some seconds; not one whose answer is about the person. An answer that
    comes when nobody waits any more is given to `late`, with the milliseconds that it took, in the call's own thread.
    """
    refuse_inside_transaction("a data source")
    if not _places.acquire(blocking=False):
        raise SourceLate("too many calls are under way")
    until = time.monotonic() + seconds
    call = Call(lambda: _tried(ask, tries, until), late)
    threading.Thread(target=call.run, name="data-source", daemon=True).start()
    return call


def ask_within(ask: Callable[[], T], *, seconds: float, tries: int, late: Callable[[T, int], object]) -> T:
    """Return what a call returns within some seconds; SourceUnavailable, and SourceLate if it takes longer. See `begin`."""
    return begin(ask, seconds=seconds, tries=tries, late=late).wait(seconds)


def _tried(ask: Callable[[], T], tries: int, until: float) -> T:
    for _ in range(tries - 1):
        try:
            return ask()
        except SourceUnavailable as error:
            if not error.is_down or time.monotonic() + LONGEST_PAUSE_S >= until:
                raise
            time.sleep(LONGEST_PAUSE_S)
    return ask()
