"""Values that cannot be decrypted: copied from another row, encrypted with a missing key, or not a ciphertext at all.

Reading one is refused, because nothing may be decided from it: a person's name, an agreement. A read-only page shows the word "unreadable"
in place of the value, and everything else as usual. In both cases an alarm is raised.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self, cast

from core.logs import told
from core.short_memory import NO_ANSWER, store

log = logging.getLogger("bnpl.sealed")
TOLD_AGAIN_S = 60 * 60
QUIET_S = 24 * 60 * 60
_SEEN = "unreadable:first_seen"
_listing: ContextVar[bool] = ContextVar("listing", default=False)


class Unreadable(str):
    """The placeholder on a page for a value that cannot be decrypted, of any type; it is never written."""

    __slots__ = ()
    is_unreadable = True
    """A flag for templates that expect a list and would otherwise iterate over the word's letters."""

    def __new__(cls) -> Self:
        """Return the word that is shown."""
        return super().__new__(cls, "unreadable")


@contextmanager
def listing() -> Iterator[None]:
    """Read rows only to show them: a value that cannot be decrypted is `Unreadable` instead of an error."""
    before = _listing.set(True)
    try:
        yield
    finally:
        _listing.reset(before)


def is_listing() -> bool:
    """Return whether rows are being read only to show them."""
    return _listing.get()


def readable_or_none(value: Any) -> Any:
    """Return a value for an answer of the API: null if it cannot be decrypted."""
    return None if isinstance(value, Unreadable) else value


def tell_unreadable(table: str, field: str, key: object) -> None:
    """Raise the alarm for a value: a line of the log, at most once an hour for each value, and one more in the count."""
    member = f"{table}.{field}:{key}"
    try:
        if not store().set(f"unreadable:told:{member}", 1, nx=True, ex=TOLD_AGAIN_S):
            return
        since = store().time()[0]
        with store().pipeline(transaction=False) as pipe:
            pipe.hsetnx(_SEEN, member, since)
            pipe.expire(_SEEN, QUIET_S)
            pipe.execute()
    except NO_ANSWER:
        pass  # One alarm too many is better than none.
    log.error(told("sealed.unreadable", table=table, field=field, key=key))


def count_unreadable() -> int:
    """Return how many values could not be decrypted since the last day without any; 0 also if Redis does not answer."""
    try:
        return int(store().hlen(_SEEN))
    except NO_ANSWER:
        return 0


@dataclass(frozen=True, slots=True)
class Sighting:
    """A value that could not be decrypted: its table, column and row, and when that was seen first."""

    table: str
    field: str
    key: str
    since: datetime


def list_unreadable(limit: int) -> list[Sighting]:
    """Return the values that `count_unreadable` counts, the newest first, at most `limit`; none where Redis does not answer."""
    try:
        seen = cast("dict[bytes, bytes]", store().hgetall(_SEEN))
    except NO_ANSWER:
        return []
    found = []
    for member, since in seen.items():
        place, _, key = member.decode().partition(":")
        table, _, field = place.partition(".")
        found.append(Sighting(table, field, key, datetime.fromtimestamp(int(since), UTC)))
    return sorted(found, key=lambda one: (one.since, one.table, one.key, one.field), reverse=True)[:limit]
