"""Debts that come back from agencies by themselves: what is paid or sold, and where something of the plan or its person forbids it."""

import uuid
from collections.abc import Collection
from datetime import date, datetime

from collection.events import DebtRecalled
from collection.held import find_suspects, why_held
from collection.models import Placement
from core.db import unit
from core.outbox import append_all
from plans.models import Plan
from plans.queries import lock_plans
from plans.states import PlanStatus

TOLD = (Placement.COMPLAINT, Placement.DISPUTE, Placement.HARDSHIP, Placement.AREA)
"""Causes of which the person hears. The letter of the payment or of the sale says the others, and nobody writes where all stands still."""


def recall_held(*, plan_ids: Collection[uuid.UUID], at: datetime) -> int:
    """Recall those of some plans that no agency may have any longer; return how many. Safe to repeat.

    Behind the locks of the plans: a placement that began before what holds it back was stored is seen here, and one that begins later sees
    what holds it back.
    """
    with unit():
        plans = {plan.pk: plan for plan in lock_plans(plan_ids)}
        here = list(Placement.objects.select_related("agency").filter(plan__in=plans, recalled_at=None).order_by("id"))
        causes = why_held([plans[one.plan_id] for one in here], at) if here else {}
        ended = [one for one in here if one.plan_id in causes]
        for one in ended:
            one.recall_cause, one.recalled_at = causes[one.plan_id], at
        Placement.objects.bulk_update(ended, ["recall_cause", "recalled_at"])
        told = [one for one in ended if one.recall_cause in TOLD]
        append_all([recalled_event(plans[one.plan_id], one) for one in told], at=at)
    return len(ended)


def recall_of_people(*, consumer_ids: Collection[uuid.UUID], at: datetime) -> int:
    """Recall what no agency may have any longer of some people; return how many."""
    owed = Plan.objects.filter(consumer__in=consumer_ids, status=PlanStatus.CHARGED_OFF)
    return recall_held(plan_ids=list(owed.values_list("pk", flat=True)), at=at)


def recall_ended(*, zone: str, day: date, at: datetime) -> int:
    """Recall what no agency may have any longer in a zone, should an event have been lost; return how many. Safe to repeat."""
    return recall_held(plan_ids=find_suspects(zone, day), at=at)


def recalled_event(plan: Plan, one: Placement) -> DebtRecalled:
    """Return the event that tells the person that the agency has the debt no more."""
    return DebtRecalled(plan=plan.public_id, reference=plan.reference, placement=one.public_id, agency=one.agency.name)
