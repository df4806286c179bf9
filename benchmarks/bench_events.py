"""Events: the time from an order's commit until each of its handlers has run, with one idle worker as the demo runs it.

Orders are authorized by the real service, one after the other at irregular intervals, in this process; a Celery worker in another process
is notified of each by `NOTIFY`, relays it, gets its task through Redis and runs the handlers. The delivery's row records when they have
run, by the system clock, which both processes share.
"""

import statistics
import time
from datetime import UTC, datetime
from random import Random

from benchmarks.bench_authorize import authorize
from benchmarks.harness import Figure, run, settle, stack
from stack import programs

EVENTS, WARM = 120, 10
PAUSE_S = (0.1, 0.4)
PATIENCE_S = 30


def measure() -> list[Figure]:
    """Authorize orders and compare each one's commit with the times at which its handlers had run."""
    with stack() as running:
        from benchmarks.purchases import make_purchases

        at, draw = datetime.now(UTC), Random(1)
        make_purchases(EVENTS + WARM, at)
        settle()
        running.supervisor.start(programs.worker("worker", running.env))
        committed = []
        for n in range(EVENTS + WARM):
            work = authorize(range(n, n + 1), at)
            time.sleep(draw.uniform(*PAUSE_S))
            work()
            committed.append(time.time())
        took = [each for order in latencies(committed)[WARM:] for each in order]
    worst = statistics.quantiles(took, n=20)[-1]
    detail = f"{EVENTS} orders, {len(took)} deliveries; p50 {statistics.median(took):.1f} ms, most {max(took):.1f} ms"
    return [Figure("event_latency_p95_ms", worst, 50, 20, "lower", detail)]


def latencies(committed: list[float]) -> list[list[float]]:
    """Return for each order the time from its commit until each handler had run, in milliseconds."""
    from core.models import Delivery, OutboxEvent

    until = time.monotonic() + PATIENCE_S
    while OutboxEvent.objects.filter(relayed=False).exists() or Delivery.objects.filter(done_at=None).exists():
        assert time.monotonic() < until, "the worker does not run what waits"
        time.sleep(0.1)
    ended: dict[str, list[float]] = {}
    for payload, done_at in (
        Delivery.objects.filter(event__payload__has_key="order").order_by("id").values_list("event__payload", "done_at")
    ):
        assert done_at is not None
        ended.setdefault(payload["order"], []).append(done_at.timestamp())
    return [[(end - start) * 1000 for end in ends] for ends, start in zip(ended.values(), committed, strict=True)]


if __name__ == "__main__":
    run(measure)
