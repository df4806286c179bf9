"""Sandbox time: real time plus an offset that the demo increases."""

import time
from datetime import UTC, datetime
from functools import lru_cache

from sandbox.store import Store
from sandbox.texts import say

MAX_OFFSET_S = 200 * 366 * 24 * 3600


class Clock:
    """Tells the time of the sandbox world in milliseconds; the offset survives restarts."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.offset_s = float(store.setting("clock_offset_s") or 0)

    def now_ms(self) -> int:
        """Milliseconds since 1970 in sandbox time."""
        return int((time.time() + self.offset_s) * 1000)

    def set_offset(self, offset_s: float) -> None:
        """Set the distance to real time, in seconds."""
        self.offset_s = offset_s
        self._store.set_setting("clock_offset_s", offset_s)


def iso(at_ms: int) -> str:
    """A time as ISO 8601 UTC with milliseconds."""
    seconds, ms = divmod(at_ms, 1000)
    return f"{_iso_second(seconds)}.{ms:03d}Z"


@lru_cache(maxsize=4096)
def _iso_second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def for_people(at_ms: int) -> str:
    """A time in the form for pages."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime(say("%a, %b %-d, %Y, %H:%M UTC"))
