"""Relief that operators offer beyond what a person chooses by themselves, and its acceptance by the person."""

import uuid
from dataclasses import asdict
from datetime import datetime, timedelta

from core.clock import local_date
from core.db import unit
from core.errors import Conflict, Invalid
from core.outbox import append
from plans.errors import REFUSED_RELIEF, RelievedByTwo
from plans.events import ReliefOffered
from plans.hardship import Answers, refuse_offer, rules_in
from plans.models import Budget, Hardship, Plan, ReliefOffer
from plans.queries import installments_of, lock_plan
from plans.rules import budgets
from plans.rules.hardship import PAUSE, SMALLER
from plans.services.hardship import make_smaller, pause

VALID_DAYS = 14
"""An offer can be accepted until the end of so many days after it was made."""


def keep_budget(*, plan: Plan, budget: budgets.Budget, standard_minor: int, actor: str, at: datetime) -> Budget:
    """Keep what a person told an operator of their income and costs; it stays as it is."""
    with unit():
        return Budget.objects.create(consumer=plan.consumer, figures=asdict(budget), living_minor=standard_minor, actor=actor, at=at)


def offer_relief(
    *, plan_id: uuid.UUID, budget_id: uuid.UUID, kind: str, number: int, answers: Answers, by_two: bool, actor: str, at: datetime
) -> ReliefOffer:
    """Offer relief for a plan: a pause of `number` days, or `number` smaller payments; an offer before that waits is closed.

    Conflict where no relief can be given now (`plans.hardship_closed`, `_under_way`); Invalid for a number outside of the market's rules,
    or for a budget of somebody else; RelievedByTwo for more than one operator may offer alone, unless `by_two`.
    """
    with unit():
        plan = lock_plan(plan_id)
        refuse_offer(plan, kind, number, at)
        if not by_two and budgets.takes_two(kind, number, rules_in(plan.product.market_id, local_date(at, plan.time_zone))):
            raise RelievedByTwo("You may not offer so much alone. Propose it, and another person decides.")
        if not Budget.objects.filter(pk=budget_id, consumer=plan.consumer_id).exists():
            raise Invalid("Write down the person's budget first.")
        ReliefOffer.objects.filter(plan=plan, closed_at=None).update(closed_at=at)
        made = ReliefOffer.objects.create(
            consumer_id=plan.consumer_id,
            plan=plan,
            budget_id=budget_id,
            kind=kind,
            days=number if kind == PAUSE else 0,
            count=number if kind == SMALLER else 0,
            reason=answers.reason,
            lasts=answers.lasts,
            until=local_date(at, plan.time_zone) + timedelta(days=VALID_DAYS),
            actor=actor,
            at=at,
        )
        append(
            ReliefOffered(
                plan=plan.public_id,
                reference=plan.reference,
                offer=made.public_id,
                kind=kind,
                days=made.days,
                count=made.count,
                until=made.until.isoformat(),
            ),
            at=at,
        )
    return made


def accept_relief(*, offer_id: uuid.UUID, actor: str, at: datetime) -> Hardship:
    """Give a person the relief that an operator offered them.

    Conflict if the offer is closed or over, or nothing can be given now; Invalid if its payments are not smaller any more.
    """
    with unit():
        offer = ReliefOffer.objects.get(pk=offer_id)
        plan = lock_plan(offer.plan_id)
        offer.refresh_from_db()
        if offer.closed_at is not None or offer.until < local_date(at, plan.time_zone):
            raise Conflict(REFUSED_RELIEF["not_offered"], code="plans.hardship_not_offered")
        # The person may have agreed on other payments meanwhile.
        refuse_offer(plan, offer.kind, offer.days if offer.kind == PAUSE else offer.count, at)
        rows = installments_of(plan)
        answers = Answers(offer.reason, offer.lasts, can_pay=offer.kind == SMALLER)
        if offer.kind == PAUSE:
            made = pause(plan=plan, rows=rows, days=offer.days, answers=answers, actor=actor, at=at)
        else:
            made = make_smaller(plan=plan, rows=rows, count=offer.count, answers=answers, actor=actor, at=at)
        offer.relief, offer.closed_at = made, at
        offer.save(update_fields=["relief", "closed_at"])
    return made
