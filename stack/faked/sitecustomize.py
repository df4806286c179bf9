"""Imported by every Python process with a faked clock, because `PYTHONPATH` names this folder.

libfaketime 0.9.10 takes the end of a sleep on the monotonic clock for a time on the faked clock, and refuses it ("Invalid argument").
`time.sleep` passes such an end since Python 3.11; `select` without files takes a duration instead.
"""

import select
import time


def _sleep(seconds: float, /) -> None:
    select.select([], [], [], seconds)


time.sleep = _sleep  # type: ignore[assignment]
