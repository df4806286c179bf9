"""The rate limit of a key, counted in Redis by the minute. Without Redis there is no limit, and everything else works."""

import logging
import time

from core.adjusting import value_of
from core.errors import TooMany
from core.sentences import Sentence
from core.settable import API_CALLS
from core.short_memory import NO_ANSWER, store

log = logging.getLogger("bnpl.api")
WINDOW_S = 60
PAUSE_S = 5.0
_pause_until = 0.0


def check_rate(scope: str) -> None:
    """Count a call of a caller; TooMany above the setting's limit (0 switches the limit off)."""
    most = value_of(API_CALLS)
    if most and _count(scope) > most:
        wait = WINDOW_S - int(time.time()) % WINDOW_S
        raise TooMany(
            Sentence("More than %(most)s calls in a minute. Try again in %(wait)s seconds.", most=most, wait=wait), retry_after_s=wait
        )


def _count(scope: str) -> int:
    """Return how many calls a caller has made in this minute; 0 where Redis does not answer, which is then not asked for a while."""
    global _pause_until  # noqa: PLW0603  (one breaker for the process)
    if time.monotonic() < _pause_until:
        return 0
    key = f"rate:{scope}:{int(time.time()) // WINDOW_S}"
    try:
        with store().pipeline(transaction=False) as pipe:
            pipe.incr(key)
            pipe.expire(key, WINDOW_S)
            count = int(pipe.execute()[0])
    except NO_ANSWER as error:
        log.warning("calls are not counted: %s", type(error).__name__)
        _pause_until = time.monotonic() + PAUSE_S
        return 0
    return count
