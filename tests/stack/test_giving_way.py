"""Workers of lanes that nobody waits for run at a lower priority of the system, in every thread that runs tasks."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bnpl.celery import NICENESS, app
from stack import programs

pytestmark = pytest.mark.django_db(transaction=True)


def niceness(pid: int) -> dict[str, int]:
    """Return the niceness of each thread of a process by its id."""
    found = {}
    for place in Path(f"/proc/{pid}/task").iterdir():
        fields = (place / "stat").read_text().rpartition(")")[2].split()
        found[place.name] = int(fields[16])
    return found


def wait_for(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_figures_give_way_and_deliveries_do_not(spawn, process_env, settings):
    names = ("worker-figures", "worker-deliver")
    running = spawn(*(programs.worker(name, process_env, threads=2) for name in names))
    before = {name: set(niceness(running.runs[name].pid)) for name in names}
    with app.connection_for_write(settings.REDIS_URL) as broker:
        for queue in ("figures", "deliver"):
            for _time in range(4):
                app.send_task("core.tasks.run_timer", ["credit.services.review_limits"], queue=queue, connection=broker)
    own = os.getpriority(os.PRIO_PROCESS, 0)
    for name, expected in zip(names, (own + NICENESS, own), strict=True):
        pid = running.runs[name].pid
        wait_for(lambda pid=pid, name=name: len(set(niceness(pid)) - before[name]) >= 1)
        after = niceness(pid)
        assert after[str(pid)] == expected
        assert {after[thread] for thread in set(after) - before[name]} == {expected}
