"""Values that cannot be opened: pasted from another row, sealed by a key that is gone, or no ciphertext at all.

Whoever reads one is refused, since nothing may be decided on it: a person's name, an agreement. A page that only looks, a list or one of
a single thing, shows all else and the word "unreadable" in place of the value. Either way there is an alarm.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Self

import redis

from core.logs import told
from core.short_memory import store

log = logging.getLogger("bnpl.sealed")
TOLD_AGAIN_S = 60 * 60
QUIET_S = 24 * 60 * 60
_SEEN = "unreadable:values"
_listing: ContextVar[bool] = ContextVar("listing", default=False)


class Unreadable(str):
    """Stands on a page for a value that cannot be opened, whatever it would be; it is never written."""

    __slots__ = ()
    is_unreadable = True
    """For templates, which would go through its letters where they expect a list."""

    def __new__(cls) -> Self:
        """Return the word that is shown."""
        return super().__new__(cls, "unreadable")


@contextmanager
def listing() -> Iterator[None]:
    """Read rows to show them, and for nothing else: a value that cannot be opened is `Unreadable` instead of refused."""
    before = _listing.set(True)
    try:
        yield
    finally:
        _listing.reset(before)


def is_listing() -> bool:
    """Tell whether rows are being read to be shown only."""
    return _listing.get()


def readable_or_none(value: Any) -> Any:
    """Return a value as the API answers it: null where it cannot be opened."""
    return None if isinstance(value, Unreadable) else value


def tell_unreadable(table: str, field: str, key: object) -> None:
    """Raise the alarm over a value: a line of the log, once an hour for each, and one more in the count."""
    member = f"{table}.{field}:{key}"
    try:
        if not store().set(f"unreadable:told:{member}", 1, nx=True, ex=TOLD_AGAIN_S):
            return
        with store().pipeline(transaction=False) as pipe:
            pipe.sadd(_SEEN, member)
            pipe.expire(_SEEN, QUIET_S)
            pipe.execute()
    except redis.RedisError:
        pass  # Told too often is better than not at all.
    log.error(told("sealed.unreadable", table=table, field=field, key=key))


def count_unreadable() -> int:
    """Return how many values could not be opened since there was a day without any; 0 also where Redis does not answer."""
    try:
        return int(store().scard(_SEEN))
    except redis.RedisError:
        return 0
