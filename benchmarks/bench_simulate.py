"""Simulating: consumer-days per second with many consumers, compared with a tenth as many.

All are simulated for the same number of days, each time in a fresh database and a reset gateway, with the real services and the
sandbox gateway.
"""

import os
import time
from io import StringIO

from benchmarks.harness import Figure, copy, run, settle, stack
from stack import programs

FEW, TIMES = int(os.environ.get("BENCH_CONSUMERS", "80")), 10
DAYS = 30


def rate(consumers: int, seed: int) -> float:
    """Simulate this many consumers in a world of their own, from today on; return consumer-days per second."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from core import clock
    from core.remote import sandbox

    copy(f"seed_{seed}")
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = f"seed_{seed}"
    clock.forget()
    sandbox().post("/control/reset", {})
    start = time.perf_counter()
    call_command("simulate", consumers=consumers, days=DAYS, seed=seed, verbosity=0, stdout=StringIO())
    return consumers * DAYS / (time.perf_counter() - start)


def measure() -> list[Figure]:
    """Simulate few and many: many between two rounds of few."""
    with stack() as running:
        from django.core.management import call_command

        running.supervisor.start(programs.sandbox(running.folders, running.sandbox_port, running.env["BNPL_BASE_URL"], running.env))
        call_command("seed_demo", consumers=0, verbosity=0)
        settle()
        before = rate(FEW, seed=2)
        many = rate(FEW * TIMES, seed=3)
        after = rate(FEW, seed=4)
    few = (before + after) / 2
    detail = f"{FEW} consumers: {before:.0f} and {after:.0f} a second, {FEW * TIMES}: {many:.0f}"
    return [Figure("simulate_scaling", many / few, 0.8, 0.95, "higher", detail)]


if __name__ == "__main__":
    run(measure)
