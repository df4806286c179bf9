"""What the workers are woken for; each task may run twice, late, or never, and the rows still say what is due."""

from celery import shared_task

from core import clock, relay, timers


@shared_task(ignore_result=True)
def deliver_events(ids: list[int]) -> int:
    """Run deliveries; those already done are passed over."""
    return relay.deliver(ids)


@shared_task(ignore_result=True)
def sweep_outbox() -> int:
    """Find events and deliveries whose wake-up was lost, and run them here."""
    done = 0
    while ids := relay.relay_chunk() or relay.claim_overdue():
        done += relay.deliver(ids)
    return done


@shared_task(ignore_result=True)
def run_timers() -> int:
    """Run every timer once at the present time."""
    return timers.run_once(at=clock.now())
