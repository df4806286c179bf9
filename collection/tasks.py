"""Worker tasks. A task may run twice, late or never: the database rows decide what is due."""

from celery import shared_task

from collection.services import charge_plan_now
from core import clock, timers
from core.ids import parse_id


@shared_task(ignore_result=True)
def charge_plan(plan: str) -> int:
    """Charge the due installments of a plan."""
    with timers.standing_clock() as stands:
        return charge_plan_now(plan_id=parse_id("pln", plan), at=clock.now()) if stands else 0
