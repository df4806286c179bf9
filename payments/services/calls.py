"""Many calls in flight: a gateway takes some 300 ms for a charge, and one worker keeps many under way.

Threads only call; they never touch the database. The caller's thread gets the answers in batches as they come and records them.
"""

import logging
import queue
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from django.conf import settings
from django.db import connection

from payments.gateways.base import UNKNOWN, Outcome

log = logging.getLogger("bnpl.payments")
LEASE_S = 60
"""How long a claim keeps others from a movement."""
START_WITHIN_S = 35
"""No call is started later than this after the claim, so that it ends within the lease; the rest waits for the next claim."""
BATCH = 500
"""So many answers at most are recorded in one commit ..."""
BATCH_WAIT_S = 1.0
"""... and none waits longer than this for others to come, so that a killed worker loses little."""


class Request(Protocol):
    """A request to a gateway: the key of its row, and the key under which the gateway knows it."""

    @property
    def id(self) -> uuid.UUID: ...

    @property
    def key(self) -> str: ...


R = TypeVar("R", bound=Request)


def refuse_inside_transaction() -> None:
    """Raise where a unit of work is open: no gateway is called inside a transaction."""
    if getattr(connection, "unit_depth", 0):
        raise RuntimeError("a gateway is never called inside a transaction")


def in_flight(requests: Sequence[R], ask: Callable[[R], Outcome]) -> Iterator[list[tuple[R, Outcome]]]:
    """Ask for all requests with many calls in flight and yield the answers in batches as they come.

    What could not be started in time is left out: its row stands as it was, and the next claim takes it up.
    """
    refuse_inside_transaction()
    workers = min(settings.CALLS_IN_FLIGHT, len(requests))
    if workers <= 1:
        if requests:
            yield [(request, guarded(ask, request)) for request in requests]
        return
    waiting, deadline = deque(requests), time.monotonic() + START_WITHIN_S
    answers: queue.SimpleQueue[tuple[R, Outcome] | None] = queue.SimpleQueue()

    def work() -> None:
        try:
            while time.monotonic() < deadline:
                request = waiting.popleft()
                answers.put((request, guarded(ask, request)))
        except IndexError:
            pass
        finally:
            answers.put(None)

    with ThreadPoolExecutor(workers, thread_name_prefix="gateway") as pool:
        for _ in range(workers):
            pool.submit(work)
        try:
            yield from _batches(answers, workers)
        finally:
            waiting.clear()


def _batches(answers: queue.SimpleQueue[tuple[R, Outcome] | None], working: int) -> Iterator[list[tuple[R, Outcome]]]:
    """Yield what comes from so many threads, each of which says None when it ends."""
    batch: list[tuple[R, Outcome]] = []
    due = time.monotonic() + BATCH_WAIT_S
    while working:
        try:
            answer = answers.get(timeout=max(0.0, due - time.monotonic()))
        except queue.Empty:
            pass
        else:
            if answer is None:
                working -= 1
                continue
            batch.append(answer)
        if len(batch) >= BATCH or time.monotonic() >= due:
            if batch:
                yield batch
            batch, due = [], time.monotonic() + BATCH_WAIT_S
    if batch:
        yield batch


def guarded(ask: Callable[[R], Outcome], request: R) -> Outcome:
    """Ask; whatever goes wrong on our side leaves the movement unknown, never failed."""
    try:
        return ask(request)
    except Exception:
        log.exception("asking a gateway failed: %s", request.key)
        return UNKNOWN
