"""Plans of people who move: due dates stay the same, and begin at midnight in the new time zone."""

import uuid
from datetime import datetime

from core.db import unit
from plans.models import Plan
from plans.queries import lock_plans
from plans.services.waiting import follow_zone
from plans.states import PLAN_OPEN


def change_time_zone(*, consumer_id: uuid.UUID, time_zone: str, at: datetime) -> None:
    """Move a consumer's open plans to a time zone; ended plans keep theirs, and so the dates that the consumer was shown."""
    with unit():
        opened = Plan.objects.filter(consumer_id=consumer_id, status__in=PLAN_OPEN)
        for plan in lock_plans(list(opened.values_list("id", flat=True))):
            plan.time_zone = time_zone
            plan.save(update_fields=["time_zone"])
            follow_zone(plan=plan, at=at)
