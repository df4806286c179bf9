"""Read by every Python process under a faked clock, as `PYTHONPATH` leads here.

libfaketime 0.9.10 takes the end of a sleep on the monotonic clock for one on the clock that it fakes, and refuses it ("Invalid
argument"). `time.sleep` uses such an end since Python 3.11; waiting for no file at all takes a distance instead.
"""

import select
import time


def _sleep(seconds: float, /) -> None:
    select.select([], [], [], seconds)


time.sleep = _sleep  # type: ignore[assignment]
