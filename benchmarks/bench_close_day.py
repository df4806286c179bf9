"""The close of day: 100,000 late plans closed by the product's timer, compared with its own statements run once each over all of them.

`close_day_against_sets` is how many times longer the timer takes: it goes plan by plan in chunks, each a transaction that leaves out plans
in use. `close_day_growth` is its time for a plan with 100,000 plans, divided by that with 10,000. All plans were agreed with the late
fee of their market and are late since the day before, so that each has a row to be noted; one in thirty is late for ten days, so that its
fee is decided and charged, its person reminded and a case opened: the sets find these, and do no more. Every run starts without such rows.
"""

import statistics
import time
from datetime import date, timedelta

from benchmarks.harness import DATABASE, Figure, copy, run, server, settle, stack

SMALL, LARGE, ROUNDS = 10_000, 100_000, 3
EMPTY, ZONE, DAY = "bench_empty", "America/New_York", date(2026, 11, 23)
UNGUARDED = "SET session_replication_role = replica"
TABLES = (
    *("collection_arrears", "collection_rolledday", "collection_closedday", "collection_case", "collection_reminder", "plans_fee"),
    *("plans_planchange WHERE kind = 'fee'", "controls_rulecase"),
)
FORGOTTEN = (
    "UPDATE plans_plan SET late_since = NULL",
    "UPDATE plans_installment SET fees_minor = 0 WHERE fees_minor > 0",
)
# As in the United States: an amount after ten days.
_FEES = '{"fees": {"late": [{"grace_days": 10, "fixed": 700, "bps": 0}]}}'
AGREED = f"UPDATE plans_plan SET agreed = '{_FEES}', captured_minor = principal_minor"
LATE = "UPDATE plans_installment SET status = 'overdue', next_attempt_at = NULL WHERE number = 2"
LONGER = """
    UPDATE plans_installment SET due_date = due_date - 9 WHERE number = 2
    AND plan_id IN (SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM plans_plan) p WHERE n % 30 = 0)"""


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
    make(count)
    return [(_timer(count), _sets(count)) for _round in range(ROUNDS)]


def make(count: int) -> None:
    """Make this many late plans."""
    from benchmarks.due_run import rows

    rows.make(count, gateway="bench")
    server(UNGUARDED, AGREED, LATE, LONGER)
    settle()


def _begin() -> None:
    """Forget what was closed, and let the day before be the last that was."""
    before = DAY - timedelta(days=1)
    closed = (
        'INSERT INTO collection_closedday (zone, day, opened_at, closed_at, done, step, count, "left", fault) '
        f"VALUES ('{ZONE}', '{before}', now(), now(), '{{}}', '', 0, '[]', '')"
    )
    server(UNGUARDED, *(f"DELETE FROM {table}" for table in TABLES), *FORGOTTEN, closed)
    settle()


def _timer(count: int) -> float:
    from benchmarks.due_run.rows import AT
    from collection.services import close_days

    _begin()
    start = time.perf_counter()
    # A run of the timer ends after two minutes; the next one goes on.
    while close_days(at=AT + timedelta(days=2)):
        pass
    return _checked(time.perf_counter() - start, count)


def _sets(count: int) -> float:
    """Run each statement of the steps once, over all plans, in one transaction."""
    from benchmarks.due_run.rows import AT
    from collection.arrears import find_late_or_noted
    from collection.services import cases, reminding
    from collection.services.arrears import count_current, note_arrears
    from core.arrays import plain_array
    from core.db import rows as query
    from core.db import unit
    from plans.late import find_lost, list_fees_due
    from plans.queries import lock_free_plans
    from plans.services.noting import note_late

    _begin()
    start = time.perf_counter()
    with unit():
        find_lost(zone=ZONE, day=DAY, after=None, limit=count)
        found = lock_free_plans(find_late_or_noted(zone=ZONE, day=DAY, after=None, limit=count))
        note_late(plan_ids=found, day=DAY)
        list_fees_due(found, day=DAY)
        told = {"plans": plain_array(found), "day": DAY, "least": 4, "markets": ["US"]}
        for statement in (reminding.PEOPLE, reminding.PLANS, cases.LATE_PEOPLE):
            query(statement, told)
        note_arrears(plan_ids=found, day=DAY, at=AT)
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
