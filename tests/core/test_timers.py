"""Timers and the clock: everything due runs, one that fails keeps no other from it, and all processes see the same time."""

import logging
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from bnpl.env import ROOT
from core import clock, tasks, timers
from core.db import rows, unit
from core.errors import Conflict
from core.lanes import Timer
from core.models import ClockOffset, IdempotentAnswer
from core.outbox import append
from tests.core.ears import TIMERS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("ears")]


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level(logging.CRITICAL, "bnpl")


def test_one_that_fails_keeps_no_other_from_running(ears, at):
    assert timers.run_once(at=at) == 2
    assert (ears.noted("first"), ears.noted("last")) == ([""], ["2026-11-22"])


def test_they_run_until_nothing_is_left_to_do(ears, at):
    with unit():
        append(ears.Happened(number=1), at=at)
    assert timers.run_until_quiet(at=at) == 3 + 1 + 2
    assert (len(ears.noted("first")), ears.noted("last"), ears.noted("later")) == (3, ["2026-11-22"], ["1"])
    assert timers.run_until_quiet(at=at) == 0


def restless(*, at: datetime) -> int:
    return 1


RESTLESS = [Timer("tests.core.test_timers.restless")]


def test_one_that_never_rests_is_given_up(ears, at, settings):
    settings.TIMERS = "tests.core.test_timers.RESTLESS"
    assert timers.run_until_quiet(at=at) == timers.MAX_ROUNDS


def test_only_what_may_have_something_to_do_runs_while_days_pass(ears, at, settings, monkeypatch):
    settings.TIMERS = "tests.core.test_timers.CHOOSY"
    monkeypatch.setattr("tests.core.test_timers.asked", [])
    assert (timers.run_until_quiet(at=at), asked) == (1, ["due", "due"])
    assert timers.run_once(at=at) == 0
    assert asked == ["due", "due", "not due", "due"], "at a worker's tick all of them run"


asked: list[str] = []


def not_due(*, at: datetime) -> int:
    asked.append("not due")
    return 0


def due(*, at: datetime) -> int:
    asked.append("due")
    return len(asked) == 1


NEVER, FROM_TODAY = "%(at)s > %(wall)s + interval '99 years'", "%(at)s >= '2026-11-22'"
CHOOSY = [
    Timer("tests.core.test_timers.not_due", "tests.core.test_timers.NEVER"),
    Timer("tests.core.test_timers.due", "tests.core.test_timers.FROM_TODAY"),
]


def test_a_quiet_moment_costs_few_statements(at, django_assert_max_num_queries):
    """One asks all timers, four fold balances, four look for events: however many timers there are."""
    timers.forget()
    timers.run_until_quiet(at=at)
    with django_assert_max_num_queries(12):
        assert timers.run_until_quiet(at=at) == 0


def test_moving_the_clock_lives_every_day_on_the_way(ears):
    today = clock.now()
    assert timers.move_clock(days=5) - today - timedelta(days=5) < timedelta(seconds=30)
    expected = [(today + timedelta(days=day)).date().isoformat() for day in range(6)]
    assert ears.noted("last")[:6] == expected
    assert ClockOffset.current() == timedelta(days=5)


def test_time_goes_forward_only(ears):
    timers.move_clock(days=1)
    with pytest.raises(Exception, match="clock_one_row_forward_only"):
        ClockOffset.objects.filter(id=1).update(seconds=-1)


def test_one_moves_at_a_time_and_the_other_is_told(at_once, ears):
    results = at_once(2, lambda number: time.sleep(0.05 * number) or timers.move_clock(days=3))
    told = [result for result in results if isinstance(result, Conflict)]
    assert [error.code for error in told] == ["clock.moving"]
    assert ClockOffset.current() == timedelta(days=3)
    here = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    assert rows(f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND {here}") == [(0,)]


def run_timers() -> int:
    return sum(tasks.run_timer(timer.service) for timer in TIMERS)


def test_workers_rest_while_the_clock_moves_and_the_mover_waits_for_them(ears, at_once, at):
    """A timer that a worker is at ends before the first day begins, and none begins before the last has ended."""
    seen: list[tuple[float, str]] = []

    def work(number: int) -> object:
        if not number:
            time.sleep(0.1)
            seen.append((time.monotonic(), "asked"))
            timers.move_clock(days=1)
            seen.append((time.monotonic(), "moved"))
            return None
        with timers.standing_clock() as stands:
            assert stands
            time.sleep(0.4)
            assert ClockOffset.current() == timedelta()
            seen.append((time.monotonic(), "worked"))
        with timers.standing_clock() as stands:
            return stands, run_timers(), tasks.sweep_outbox(), tasks.deliver_events([1])

    assert at_once(2, work) == [None, (False, 0, 0, 0)]
    assert [what for _, what in sorted(seen)] == ["asked", "worked", "moved"]
    IdempotentAnswer.objects.all().delete()
    assert run_timers() == 2


def test_a_follower_that_fails_does_not_keep_the_lock(ears, settings):
    settings.CLOCK_FOLLOWERS = "tests.core.test_timers.FOLLOWERS"
    with pytest.raises(ConnectionError):
        timers.move_clock(days=1)
    settings.CLOCK_FOLLOWERS = "tests.core.ears.CLOCK_FOLLOWERS"
    timers.move_clock(days=1)
    assert ClockOffset.current() == timedelta(days=2)


FOLLOWERS = ["tests.core.test_timers.unreachable"]


def unreachable(*, offset: timedelta) -> None:
    raise ConnectionError("away")


WATCH = """
import sys, time, django
django.setup()
from core import clock
clock.now()
print("ready", flush=True)
for line in sys.stdin:
    print(clock.offset().total_seconds(), flush=True)
"""


def test_other_processes_see_the_new_time_when_the_mover_goes_on(ears, process_env):
    process = subprocess.Popen(
        [sys.executable, "-c", WATCH], cwd=ROOT, env=process_env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def ask() -> float:
        process.stdin.write("?\n")
        process.stdin.flush()
        return float(process.stdout.readline())

    try:
        assert process.stdout.readline() == "ready\n"
        assert ask() == 0
        for day in range(1, 4):
            ask()
            with timers.moving_clock():
                timers.forward(seconds=86_400)
            assert ask() == day * 86_400
    finally:
        process.kill()
        process.wait()


def test_threads_of_this_process_see_it_too(ears):
    seen: list[timedelta] = []
    clock.offset()
    timers.forward(seconds=60)
    thread = threading.Thread(target=lambda: seen.append(clock.offset()))
    thread.start()
    thread.join()
    assert seen == [timedelta(seconds=60)]


def test_in_live_mode_nobody_moves_the_clock(ears, settings, django_assert_num_queries):
    timers.forward(seconds=86_400)
    settings.SANDBOX = False
    with django_assert_num_queries(0):
        assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_reading_the_clock_costs_a_query_only_now_and_then(ears, django_assert_num_queries):
    clock.forget()
    with django_assert_num_queries(1):
        for _ in range(50):
            clock.now()


def test_local_dates():
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert clock.local_date(late, "Europe/Copenhagen").isoformat() == "2026-11-23"
    assert clock.local_date(late, "America/Los_Angeles").isoformat() == "2026-11-22"


def slow_timer(*, at: datetime) -> int:
    started.append(at)
    time.sleep(0.5)
    return 1


started: list[datetime] = []
SLOW = [Timer("tests.core.test_timers.slow_timer")]


def test_one_that_still_runs_is_not_begun_again_in_its_process(ears, at, settings, at_once, monkeypatch):
    """Else a due run that takes longer than its period would take up every thread of its worker."""
    settings.TIMERS = "tests.core.test_timers.SLOW"
    timers.forget()
    monkeypatch.setattr("tests.core.test_timers.started", [])
    assert sorted(at_once(3, lambda _: timers.run_one("tests.core.test_timers.slow_timer", at=at))) == [0, 0, 1]
    assert timers.run_one("tests.core.test_timers.slow_timer", at=at) == 1
    assert started == [at, at]
