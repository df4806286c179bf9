"""Many calls at once: a gateway takes about 300 ms for a charge, and one worker keeps many calls in flight.

Threads only call; they never use the database. The caller's thread gets the answers in batches as they arrive, and records them.
"""

import logging
import queue
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, Protocol, TypeVar

from django.conf import settings
from django.db import connection

from payments.gateways.base import UNKNOWN, Outcome

log = logging.getLogger("bnpl.payments")
LEASE_S = 60
"""How long a claim keeps other processes from a movement."""
START_WITHIN_S = 30
"""Seconds after the claim in which calls may start, so that they end within the lease; requests not started go to the next claim."""
SLOW_S = 1.0
"""A call that takes longer blocks its thread, so another thread starts ..."""
SLOW_TIMES = 4
"""... up to this multiple of the normal number of threads."""
BATCH = 500
"""The largest number of answers recorded in one commit ..."""
BATCH_WAIT_S = 1.0
"""... and the longest that an answer waits for others, so that a killed worker loses little."""


class Request(Protocol):
    """A request to a gateway: the id of its row, and its idempotency key at the gateway."""

    @property
    def id(self) -> uuid.UUID: ...

    @property
    def key(self) -> str: ...


R = TypeVar("R", bound=Request)


def refuse_inside_transaction() -> None:
    """Raise RuntimeError if a unit of work is open: no gateway is called inside a transaction."""
    if getattr(connection, "unit_depth", 0):
        raise RuntimeError("a gateway is never called inside a transaction")


def in_flight(requests: Sequence[R], ask: Callable[[R], Outcome]) -> Iterator[list[tuple[R, Outcome]]]:
    """Ask for all requests with many calls in flight and yield the answers in batches as they come.

    Requests that could not be started in time are left out: their rows are unchanged, and the next claim takes them.
    """
    refuse_inside_transaction()
    workers = min(settings.CALLS_IN_FLIGHT, len(requests))
    if workers <= 1:
        if requests:
            yield [(request, guarded(ask, request)) for request in requests]
        return
    crew = _Crew(requests, ask, workers)
    with ThreadPoolExecutor(workers * SLOW_TIMES, thread_name_prefix="gateway") as pool:
        try:
            yield from crew.batches(pool)
        finally:
            crew.waiting.clear()


class _Crew(Generic[R]):
    """Threads that call gateways: one for each call in flight, and one more for each thread that a slow call blocks.

    Without the extra threads, a gateway that leaves a fifth of its calls hanging would soon block all threads and delay all other calls.
    """

    def __init__(self, requests: Sequence[R], ask: Callable[[R], Outcome], workers: int) -> None:
        self.waiting, self.ask, self.workers = deque(requests), ask, workers
        self.deadline = time.monotonic() + START_WITHIN_S
        self.answers: queue.SimpleQueue[tuple[R, Outcome] | None] = queue.SimpleQueue()
        self.since: dict[int, float] = {}
        self.working = 0

    def _work(self) -> None:
        me = threading.get_ident()
        try:
            while time.monotonic() < self.deadline:
                request = self.waiting.popleft()
                self.since[me] = time.monotonic()
                self.answers.put((request, guarded(self.ask, request)))
                del self.since[me]
        except IndexError:
            pass
        finally:
            self.answers.put(None)

    def _hire(self, pool: ThreadPoolExecutor) -> None:
        """Start threads up to the allowed number while requests wait."""
        late = time.monotonic() - SLOW_S
        slow = sum(began < late for began in list(self.since.values()))
        wanted = min(self.workers + slow, self.workers * SLOW_TIMES)
        for _ in range(min(wanted - self.working, len(self.waiting))):
            pool.submit(self._work)
            self.working += 1

    def batches(self, pool: ThreadPoolExecutor) -> Iterator[list[tuple[R, Outcome]]]:
        """Yield the threads' answers in batches until all threads have ended."""
        batch: list[tuple[R, Outcome]] = []
        due = time.monotonic() + BATCH_WAIT_S
        self._hire(pool)
        while self.working:
            try:
                answer = self.answers.get(timeout=max(0.0, due - time.monotonic()))
            except queue.Empty:
                pass
            else:
                if answer is None:
                    self.working -= 1
                    continue
                batch.append(answer)
            if len(batch) >= BATCH or time.monotonic() >= due:
                self._hire(pool)
                if batch:
                    yield batch
                batch, due = [], time.monotonic() + BATCH_WAIT_S
        if batch:
            yield batch


def guarded(ask: Callable[[R], Outcome], request: R) -> Outcome:
    """Call the gateway; an exception on our side leaves the movement unknown, never failed."""
    try:
        return ask(request)
    except Exception:
        log.exception("asking a gateway failed: %s", request.key)
        return UNKNOWN
