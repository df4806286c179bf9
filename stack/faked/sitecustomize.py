"""Imported by every Python process under a faked clock, because `PYTHONPATH` names this folder.

libfaketime 0.9.10 mistakes a sleep's end on the monotonic clock for one on the clock that it fakes, and refuses it ("Invalid
argument"). `time.sleep` passes such an end since Python 3.11; `select` on no file at all takes a duration instead.
"""

import select
import time


def _sleep(seconds: float, /) -> None:
    select.select([], [], [], seconds)


time.sleep = _sleep  # type: ignore[assignment]
