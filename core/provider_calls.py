"""Counts of calls to providers: kept in memory, and written to the database every few seconds rather than after each call."""

import logging
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError

from core.clock import wall
from core.db import execute
from core.models import ProviderCalls

log = logging.getLogger("bnpl.providers")
LONGEST_ERROR = 120
KEYS_REFUSED, SERVER_ERROR = (401, 403), 500


@dataclass(slots=True)
class _Count:
    """The calls of one account in one hour since the last write."""

    calls: int = 0
    failed: int = 0
    total_ms: int = 0
    slowest_ms: int = 0
    last_at: datetime | None = None
    failed_at: datetime | None = None
    error: str = ""


class _Tally:
    """The counts that this process has not written yet."""

    lock = threading.Lock()
    counts: dict[tuple[str, datetime], _Count] = {}
    written_at = time.monotonic()


def note(account: str, *, ms: float, error: str = "") -> None:
    """Count a call; `error` says what went wrong, without any data that was sent. Safe in any thread: it writes only to memory."""
    at = wall()
    with _Tally.lock:
        count = _Tally.counts.setdefault((account, at.replace(minute=0, second=0, microsecond=0)), _Count())
        count.calls += 1
        count.total_ms += round(ms)
        count.slowest_ms, count.last_at = max(count.slowest_ms, round(ms)), at
        if error:
            count.failed, count.failed_at, count.error = count.failed + 1, at, error[:LONGEST_ERROR]


@dataclass(slots=True)
class Call:
    """A call to a provider that is under way; `error` says what went wrong."""

    error: str = ""

    def answered(self, status: int, *, keys_refused: Collection[int] = KEYS_REFUSED) -> None:
        """Take the HTTP status of the answer: refused keys and errors of the server are failures, any other answer is none."""
        name = "AuthenticationError" if status in keys_refused else "HTTPError" if status >= SERVER_ERROR else ""
        self.error = name and f"{name} {status}"


@contextmanager
def measured(account: str) -> Iterator[Call]:
    """Count the call in the block; an exception counts as a failure, under its name or that of its cause."""
    call, began = Call(), time.monotonic()
    try:
        yield call
    except Exception as error:
        call.error = call.error or type(error.__cause__ or error).__name__
        raise
    finally:
        note(account, ms=(time.monotonic() - began) * 1000, error=call.error)


_WRITE = """
    INSERT INTO core_providercalls AS c (account, hour, calls, failed, total_ms, slowest_ms, last_at, failed_at, error)
    VALUES {rows}
    ON CONFLICT (account, hour) DO UPDATE SET calls = c.calls + EXCLUDED.calls, failed = c.failed + EXCLUDED.failed,
        total_ms = c.total_ms + EXCLUDED.total_ms, slowest_ms = greatest(c.slowest_ms, EXCLUDED.slowest_ms),
        last_at = greatest(c.last_at, EXCLUDED.last_at), failed_at = greatest(c.failed_at, EXCLUDED.failed_at),
        error = CASE WHEN EXCLUDED.failed > 0 THEN EXCLUDED.error ELSE c.error END"""


def write_now() -> int:
    """Write the counts of this process, outside of any unit of work; return how many pairs of account and hour were written."""
    with _Tally.lock:
        counts, _Tally.counts, _Tally.written_at = _Tally.counts, {}, time.monotonic()
    if not counts:
        return 0
    values = [
        value
        for (account, hour), c in sorted(counts.items())
        for value in (account, hour, c.calls, c.failed, c.total_ms, c.slowest_ms, c.last_at, c.failed_at, c.error)
    ]
    execute(_WRITE.format(rows=", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s, %s)"] * len(counts))), values)
    return len(counts)


def write_sometimes(**_: object) -> None:
    """Write the counts if some seconds have passed; called after a request and after a task. Counts that cannot be written are lost."""
    if _Tally.counts and time.monotonic() - _Tally.written_at > settings.PROVIDER_CALLS_EVERY_S:
        try:
            write_now()
        except DatabaseError as error:
            log.warning("figures of calls were lost: %s", type(error).__name__)


def forget() -> None:
    """Drop the counts that are not written yet."""
    with _Tally.lock:
        _Tally.counts = {}


@dataclass(frozen=True, slots=True)
class Health:
    """Counts of an account's calls in the last hours; `success` is a share from 0 to 1, None without calls."""

    calls: int = 0
    failed: int = 0
    mean_ms: int = 0
    slowest_ms: int = 0
    last_at: datetime | None = None
    failed_at: datetime | None = None
    error: str = ""

    @property
    def success(self) -> float | None:
        """The share of calls that succeeded."""
        return (self.calls - self.failed) / self.calls if self.calls else None


def list_health(*, hours: int, at: datetime) -> dict[str, Health]:
    """Return the health of each account over the given number of hours, by the account's code; one query."""
    found: dict[str, list[ProviderCalls]] = {}
    for row in ProviderCalls.objects.filter(hour__gt=at - timedelta(hours=hours)).order_by("hour"):
        found.setdefault(row.account, []).append(row)
    return {account: _health(rows) for account, rows in found.items()}


def _health(rows: list[ProviderCalls]) -> Health:
    calls = sum(row.calls for row in rows)
    bad = [row for row in rows if row.failed_at]
    return Health(
        calls=calls,
        failed=sum(row.failed for row in rows),
        mean_ms=round(sum(row.total_ms for row in rows) / calls),
        slowest_ms=max(row.slowest_ms for row in rows),
        last_at=rows[-1].last_at,
        failed_at=bad[-1].failed_at if bad else None,
        error=bad[-1].error if bad else "",
    )
