"""Timers: scheduled work. One list, in one order, for the workers, for tests and for the sandbox clock.

A timer is a service that is called with `at`, does the work that is due by then and returns how much it did; it is safe to run twice, at
once on four workers, late by a month, or killed anywhere.
"""

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache, lru_cache, partial
from itertools import count

from django.conf import settings
from django.db.models import F
from django.utils.module_loading import import_string

from core import clock, relay
from core.acting import acting
from core.db import rows, unit
from core.errors import Conflict
from core.idempotency import Answer, Once
from core.lanes import Timer
from core.models import ClockOffset
from core.prepared import Statement

log = logging.getLogger("bnpl.timers")
Service = Callable[..., int]
MAX_ROUNDS = 50
# Session-level advisory locks: only one process moves the clock at a time, and no worker works meanwhile.
_MOVING, _WORKING = 7201, 7202
_numbers = count(1)


@cache
def _timers() -> dict[str, Service]:
    listed: Sequence[Timer] = import_string(settings.TIMERS)
    return {timer.service: import_string(timer.service) for timer in listed}


@cache
def _told() -> list[str | Callable[[], str]]:
    listed: Sequence[Timer] = import_string(settings.TIMERS)
    return [import_string(timer.condition) if timer.condition else "true" for timer in listed]


def _conditions() -> str:
    """Return the statement that says for every timer whether it may find work."""
    return "SELECT " + ",\n".join(one if isinstance(one, str) else one() for one in _told())


@lru_cache(maxsize=8)
def _prepared(conditions: str) -> Statement:
    """Return the statement of some conditions, which takes longer to plan than to run; they change with settings."""
    return Statement(f"timers_{next(_numbers)}", re.sub(r"(%\((at|wall)\)s)", r"(\1::timestamptz)", conditions))


def forget() -> None:
    """Drop the list of timers that this process has cached."""
    _timers.cache_clear()
    _told.cache_clear()


def run_once(*, at: datetime) -> int:
    """Run each timer once; a failure of one does not stop the others. Return how much was done."""
    return sum(_run(path, timer, at) for path, timer in _timers().items())


_running: set[str] = set()
_choosing = threading.Lock()


@contextmanager
def one_at_a_time(name: str) -> Iterator[bool]:
    """Let only one thread of this process into the block; False in a second one.

    Otherwise a timer that takes longer than its period would occupy all threads of a worker, one after the other.
    """
    with _choosing:
        is_first = name not in _running
        _running.add(name)
    try:
        yield is_first
    finally:
        if is_first:
            _running.discard(name)


def run_one(path: str, *, at: datetime) -> int:
    """Run one timer by its path, unless it still runs in this process; return how much was done."""
    with one_at_a_time(path) as is_first:
        return _run(path, _timers()[path], at) if is_first else 0


def _run(path: str, timer: Service, at: datetime) -> int:
    try:
        with acting(f"timer:{path}"):
            return timer(at=at)
    except Exception:
        log.exception("timer failed: %s", path)
        return 0


def run_waiting(*, at: datetime) -> int:
    """Run once, in order, the timers that may find work; return how much was done.

    The work of one timer may create work for others: all conditions are then checked again.
    """
    done = 0
    waiting: tuple[bool, ...] = ()
    for number, (path, timer) in enumerate(_timers().items()):
        waiting = waiting or _prepared(_conditions()).rows(at=at, wall=clock.wall())[0]
        if waiting[number]:
            done, waiting = done + _run(path, timer, at), ()
    return done


def run_until_quiet(*, at: datetime) -> int:
    """Run timers and events in this process until nothing is left to do at that time; return how much was done."""
    done = 0
    for _ in range(MAX_ROUNDS):
        step = run_waiting(at=at) + relay.drain()
        done += step
        if not step:
            return done
    log.error("timers did not come to rest at %s", at)
    return done


@contextmanager
def standing_clock() -> Iterator[bool]:
    """Keep the sandbox's clock still while a worker works; False while somebody moves the clock.

    The process that moves the clock does all work that falls due, and must not answer while a worker still does some of it.
    """
    if not settings.SANDBOX:
        yield True
        return
    stands = bool(rows("SELECT pg_try_advisory_lock_shared(%s)", [_WORKING])[0][0])
    try:
        yield stands
    finally:
        if stands:
            rows("SELECT pg_advisory_unlock_shared(%s)", [_WORKING])


@contextmanager
def moving_clock() -> Iterator[None]:
    """Hold the sandbox's clock, to move it with `forward`: workers finish their tasks and start no others.

    When the block ends, every process has seen the new time. Conflict where another process is moving the clock.
    """
    if not rows("SELECT pg_try_advisory_lock(%s)", [_MOVING])[0][0]:
        raise Conflict("Somebody else is moving the clock.", code="clock.moving")
    try:
        rows("SELECT pg_advisory_lock(%s)", [_WORKING])
        try:
            yield
        finally:
            # Other processes see a new offset after at most this time.
            time.sleep(clock.CACHE_S)
    finally:
        rows("SELECT pg_advisory_unlock_all()")


def forward(*, seconds: int, note: Callable[[], None] | None = None) -> None:
    """Move forward the clock held by `moving_clock`, and tell its followers; `note` writes in the same transaction."""
    with unit():
        if note:
            note()
        if not ClockOffset.objects.filter(id=1).update(seconds=F("seconds") + seconds):
            ClockOffset.objects.create(id=1, seconds=seconds)
    clock.forget()
    offset: timedelta = clock.offset()
    for path in import_string(settings.CLOCK_FOLLOWERS):
        import_string(path)(offset=offset)


def move_clock(*, days: int = 0, hours: int = 0) -> datetime:
    """Move the sandbox's clock forward day by day, then hour by hour, and run all timers at each step; return the new time.

    Conflict where another process is moving the clock.
    """
    with moving_clock():
        run_until_quiet(at=clock.now())
        for seconds in _steps(days, hours):
            forward(seconds=seconds)
            run_until_quiet(at=clock.now())
    return clock.now()


def move_clock_once(*, days: int = 0, hours: int = 0, once: Once) -> Answer:
    """Move the clock like `move_clock`, once for a key, and return the new time as an answer, or the stored answer.

    After a crash, a repetition continues where the first call stopped. Conflict where another process is moving the clock; Invalid where
    the key was used with another body.
    """
    return once.find() or _move_once(_steps(days, hours), once)


def _move_once(steps: list[int], once: Once) -> Answer:
    with moving_clock():
        answer = once.find()
        if answer is not None:
            return answer
        run_until_quiet(at=clock.now())
        done = once.steps_done()
        for number, seconds in enumerate(steps[done:], start=done + 1):
            forward(seconds=seconds, note=partial(once.note_steps, number, at=clock.now() + timedelta(seconds=seconds)))
            run_until_quiet(at=clock.now())
        now = clock.now()
        answer = Answer(200, {"now": now.isoformat().replace("+00:00", "Z")})
        once.note(status=answer.status, body=answer.body, at=now)
        return answer


def _steps(days: int, hours: int) -> list[int]:
    return [86_400] * days + [3_600] * hours
