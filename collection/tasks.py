"""What workers are woken for; it may run twice, late or never, and the rows still say what is due."""

from celery import shared_task

from collection.services import charge_plan_now
from core import clock, timers
from core.ids import parse_id


@shared_task(ignore_result=True)
def charge_plan(plan: str) -> int:
    """Charge what of a plan has fallen due."""
    with timers.standing_clock() as stands:
        return charge_plan_now(plan_id=parse_id("pln", plan), at=clock.now()) if stands else 0
