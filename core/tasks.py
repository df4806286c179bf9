"""The Celery tasks of the kernel; each may run twice, late, or never, because the database says what is due.

While the sandbox's clock is moved, tasks do nothing: the process that moves the clock does all their work.
"""

from celery import shared_task

from core import clock, relay, timers


@shared_task(ignore_result=True)
def deliver_events(ids: list[int]) -> int:
    """Run deliveries; those already done are skipped."""
    with timers.standing_clock() as stands:
        return relay.deliver(ids) if stands else 0


@shared_task(ignore_result=True)
def sweep_outbox() -> int:
    """Find events and deliveries whose wake-up was lost, and run them here."""
    done = 0
    with timers.one_at_a_time("sweep") as is_first, timers.standing_clock() as stands:
        passed = relay.passed_until() if is_first and stands else 0
        while is_first and stands and (ids := relay.relay_chunk() or relay.claim_overdue(passed)):
            done += relay.deliver(ids)
    return done


@shared_task(ignore_result=True)
def run_timer(path: str) -> int:
    """Run one timer at the present time."""
    with timers.standing_clock() as stands:
        return timers.run_one(path, at=clock.now()) if stands else 0
