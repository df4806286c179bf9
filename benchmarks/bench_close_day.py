"""The close of day: 100,000 late plans closed by the product's timer, compared with its own statements run once each over all of them.

`close_day_against_sets` is how many times longer the timer takes: it goes plan by plan in chunks, each a transaction that leaves out plans
in use. `close_day_growth` is its time for a plan with 100,000 plans, divided by that with 10,000. All plans are late since the day before,
so that each has a row to be noted; every run starts without such rows.
"""

import statistics
import time
from datetime import date, timedelta

from benchmarks.harness import DATABASE, Figure, copy, run, server, settle, stack

SMALL, LARGE, ROUNDS = 10_000, 100_000, 3
EMPTY, ZONE, DAY = "bench_empty", "America/New_York", date(2026, 11, 23)
UNGUARDED = "SET session_replication_role = replica"
TABLES = ("collection_arrears", "collection_rolledday", "collection_closedday")


def measure() -> list[Figure]:
    """Measure both sizes, each in turn with its limit."""
    with stack():
        copy(EMPTY)
        small = _rounds(SMALL)
        copy(DATABASE, source=EMPTY)
        large = _rounds(LARGE)
    ratio = statistics.median(product / sets for product, sets in large)
    # The quickest round of each: other work on the machine only ever adds.
    quick = min(product for product, _ in small), min(product for product, _ in large)
    grown = quick[1] / LARGE * SMALL / quick[0]
    times = ", ".join(f"{product:.1f}/{sets:.1f} s" for product, sets in large)
    return [
        Figure("close_day_against_sets", ratio, 3.0, 2.0, "lower", f"{LARGE:,} late plans; timer / sets: {times}"),
        Figure("close_day_growth", grown, 1.2, 1.05, "lower", f"{SMALL:,} plans in {quick[0]:.2f} s, {LARGE:,} in {quick[1]:.2f} s"),
    ]


def _rounds(count: int) -> list[tuple[float, float]]:
    from benchmarks.due_run import rows
    from core.db import execute

    rows.make(count, gateway="bench")
    execute("UPDATE plans_installment SET status = 'overdue', next_attempt_at = NULL WHERE number = 2")
    settle()
    return [(_timer(count), _sets(count)) for _round in range(ROUNDS)]


def _begin() -> None:
    """Forget what was closed, and let the day before be the last that was."""
    before = DAY - timedelta(days=1)
    closed = (
        'INSERT INTO collection_closedday (zone, day, opened_at, closed_at, done, step, count, "left", fault) '
        f"VALUES ('{ZONE}', '{before}', now(), now(), '{{}}', '', 0, '[]', '')"
    )
    server(UNGUARDED, *(f"DELETE FROM {table}" for table in TABLES), closed)
    settle()


def _timer(count: int) -> float:
    from benchmarks.due_run.rows import AT
    from collection.services import close_days

    _begin()
    start = time.perf_counter()
    close_days(at=AT + timedelta(days=2))
    return _checked(time.perf_counter() - start, count)


def _sets(count: int) -> float:
    """Run each statement of the steps once, over all plans, in one transaction."""
    from benchmarks.due_run.rows import AT
    from collection.arrears import find_late_or_noted
    from collection.services.arrears import count_current, note_arrears
    from core.db import unit
    from plans.queries import lock_free_plans

    _begin()
    start = time.perf_counter()
    with unit():
        found = find_late_or_noted(zone=ZONE, day=DAY, after=None, limit=count)
        note_arrears(plan_ids=lock_free_plans(found), day=DAY, at=AT)
        count_current(zone=ZONE, day=DAY, at=AT)
    return _checked(time.perf_counter() - start, count)


def _checked(seconds: float, count: int) -> float:
    from core.db import rows

    noted, counted = rows("SELECT (SELECT count(*) FROM collection_arrears), (SELECT sum(plans) FROM collection_rolledday)")[0]
    if (noted, counted) != (count, count):
        raise RuntimeError(f"{noted} plans were noted and {counted} counted, of {count}")
    return seconds


if __name__ == "__main__":
    run(measure)
