"""Simulating: consumer-days per second with ten times the consumers, against the same with a tenth.

Both live the same number of days from the same seed, each in a fresh database, with the real services and the sandbox gateway.
"""

import os
import time

from benchmarks.harness import Figure, Stack, run, settle, stack
from bnpl.stack import programs

FEW, TIMES = int(os.environ.get("BENCH_CONSUMERS", "40")), 10
DAYS = 30


def rate(running: Stack, consumers: int, seed: int) -> float:
    """Live so many consumers from the day it is now; return consumer-days per second."""
    from django.core.management import call_command

    start = time.perf_counter()
    call_command("simulate", consumers=consumers, days=DAYS, seed=seed, verbosity=0)
    return consumers * DAYS / (time.perf_counter() - start)


def measure() -> list[Figure]:
    """Let few and many live, many between two rounds of few."""
    with stack() as running:
        from django.core.management import call_command

        running.supervisor.start(programs.sandbox(running.folders, running.sandbox_port, running.env["BNPL_BASE_URL"], running.env))
        call_command("seed_demo", consumers=0, verbosity=0)
        settle()
        rate(running, FEW, seed=1)
        before = rate(running, FEW, seed=2)
        many = rate(running, FEW * TIMES, seed=3)
        after = rate(running, FEW, seed=4)
    few = (before + after) / 2
    detail = f"{FEW} consumers: {before:.0f} and {after:.0f} a second, {FEW * TIMES}: {many:.0f}"
    return [Figure("simulate_scaling", many / few, 0.8, 0.95, "higher", detail)]


if __name__ == "__main__":
    run(measure)
