"""A faked clock reaches every process of a run, and what it costs where it is missing."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from stack import faked_clock, other_days
from stack.errors import StackError
from stack.folders import Folders
from stack.postgres import Postgres

LATER = timedelta(days=1000)


@pytest.fixture
def later() -> dict[str, str]:
    """Variables of a clock a thousand days ahead; skipped where the library is not installed."""
    now = datetime.now(UTC)
    try:
        return faked_clock.moved_to(now + LATER, now)
    except StackError as error:
        pytest.skip(str(error))


def test_a_machine_without_the_library_is_told_its_package(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert other_days.main([]) == 2
    assert "apt-get install faketime" in capsys.readouterr().err


def clock_of_a_process(variables: dict[str, str]) -> tuple[datetime, bool]:
    """Return the time in a new process, and whether a short sleep took about as long as it should."""
    code = "import time; a = time.monotonic(); time.sleep(0.05); print(time.time(), 0.05 <= time.monotonic() - a < 5)"
    env = {key: value for key, value in os.environ.items() if key not in faked_clock.PASSED_ON} | variables
    moment, slept = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout.split()
    return datetime.fromtimestamp(float(moment), UTC), slept == "True"


def test_time_is_moved_and_sleeping_still_works(later):
    (real, _), (moved, slept) = clock_of_a_process({}), clock_of_a_process(later)
    assert slept
    assert abs(moved - real - LATER) < timedelta(seconds=60)


def test_the_database_s_own_environment_carries_the_clock_and_nothing_of_one_user_s(later, monkeypatch, tmp_path):
    for name, value in {**later, "FAKETIME_SHARED": "/sem_1 /shm_1"}.items():
        monkeypatch.setenv(name, value)
    given = Postgres(Folders(tmp_path)).program().env
    assert {name: given.get(name) for name in later if name != "PYTHONPATH"} == {
        name: value for name, value in later.items() if name != "PYTHONPATH"
    }
    assert "FAKETIME_SHARED" not in given


def test_a_real_clock_stays_real(monkeypatch, tmp_path):
    monkeypatch.delenv("FAKETIME", raising=False)
    monkeypatch.setenv("LD_PRELOAD", "")
    assert set(Postgres(Folders(tmp_path)).program().env) == {"PATH", "LC_ALL", "PGTZ"}


def test_the_days_are_those_that_programs_get_wrong():
    now = datetime(2026, 11, 27, tzinfo=UTC)
    assert {name: f"{moment:%Y-%m-%d %H:%M}" for name, moment in other_days.days(now).items()} == {
        "leap-day": "2028-02-29 12:00",
        "new-years-eve": "2026-12-31 23:59",
        "new-york-spring": "2027-03-14 06:58",
        "new-york-autumn": "2027-11-07 05:58",
        "copenhagen-spring": "2027-03-28 00:58",
        "copenhagen-autumn": "2027-10-31 00:58",
        "five-years-on": "2031-11-27 00:00",
    }
