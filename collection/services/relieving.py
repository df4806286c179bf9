"""Relief that an operator offers to a person in hardship after writing down their budget."""

import uuid
from datetime import datetime
from typing import Any

from accounts.models import User
from collection.relieving import BUDGET, KIND, LASTS, NUMBER, REASON, RELIEF
from collection.services.cases import MAY_WORK
from controls import services as controls
from controls.models import Proposal
from core.clock import local_date
from core.db import unit
from core.errors import require
from markets.queries import find_affordability
from plans import services as plans
from plans.hardship import Answers, refuse_offer, rules_in
from plans.models import Plan, ReliefOffer
from plans.queries import get_plan
from plans.rules.budgets import Budget, standard_living, takes_two


def standard_of(plan: Plan, dependants: int, at: datetime) -> int:
    """Return what a household of a plan's market needs in a month by the market's dated setting, without housing; 0 if it has none."""
    found = find_affordability(plan.product.market_id, local_date(at, plan.time_zone))
    return standard_living(found.value, dependants) if found else 0


def relieve(
    *, plan_id: uuid.UUID, budget: Budget, kind: str, number: int, answers: Answers, note: str, user: User, at: datetime
) -> ReliefOffer | Proposal:
    """Keep a person's budget, and offer relief for their plan; where it is more than one may offer alone, propose it with a note.

    Errors as `plans.offer_relief` and `controls.propose`.
    """
    require(user, MAY_WORK)
    with unit():
        plan = get_plan(plan_id)
        refuse_offer(plan, kind, number, at)
        actor = str(user.pk)
        kept = plans.keep_budget(plan=plan, budget=budget, standard_minor=standard_of(plan, budget.dependants, at), actor=actor, at=at)
        if takes_two(kind, number, rules_in(plan.product.market_id, local_date(at, plan.time_zone))):
            after = {KIND: kind, NUMBER: number, BUDGET: str(kept.pk), REASON: answers.reason, LASTS: answers.lasts}
            return controls.propose(kind=RELIEF, subject=str(plan.pk), after=after, reason=note, starts_on=None, user=user, at=at)
        told: dict[str, Any] = {"kind": kind, "number": number, "answers": answers, "by_two": False, "actor": actor, "at": at}
        return plans.offer_relief(plan_id=plan.pk, budget_id=kept.pk, **told)
