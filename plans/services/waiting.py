"""When workers charge installments: paused while the consumer has no chargeable card, resumed as soon as there is one."""

import uuid
from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db.models.functions import Greatest

from core.arrays import plain_array
from core.clock import day_begins
from core.db import execute, unit
from core.states import words
from plans.models import Installment, Plan
from plans.queries import lock_plans
from plans.states import INSTALLMENT_OPEN, InstallmentStatus, PlanStatus

_OPEN = f"i.status IN ({words(INSTALLMENT_OPEN)}) AND i.charge_id IS NULL AND i.carried_at IS NULL"
_FROM_ITS_DATE = f"""
    UPDATE plans_installment i SET next_attempt_at = i.due_date::timestamp AT TIME ZONE p.time_zone {{}}
    FROM plans_plan p WHERE p.id = i.plan_id AND p.id = ANY(%s::uuid[])
        AND p.stopped_at IS NULL AND p.settling_until IS NULL AND {_OPEN} AND {{}}"""  # noqa: S608  (words of our own)
_AFRESH = _FROM_ITS_DATE.format(", attempts = 0, last_failure = ''", "(i.attempts > 0 OR i.next_attempt_at IS NULL)")
_AGAIN = _FROM_ITS_DATE.format("", "i.next_attempt_at IS NULL")
_FOLLOW = _FROM_ITS_DATE.format("", "i.attempts = 0 AND i.next_attempt_at IS NOT NULL")


def leave_alone(*, installment_ids: Collection[str], at: datetime) -> None:
    """Pause the charging of installments of locked plans, since their consumers have no chargeable card."""
    if installment_ids:
        execute("UPDATE plans_installment SET next_attempt_at = NULL WHERE id = ANY(%s::uuid[])", [plain_array(installment_ids)])


def collect_afresh(*, plan: Plan, at: datetime) -> None:
    """Let workers charge the failed and paused installments of a locked plan again, with a fresh count of attempts."""
    execute(_AFRESH, [[str(plan.id)]])


def collect_again(*, consumer_id: uuid.UUID, at: datetime) -> None:
    """Let workers charge a consumer's paused installments, since one of the consumer's cards can be charged now.

    Locks all open plans first, and so waits for a due run that is about to pause an installment.
    """
    with unit():
        opened = lock_plans(list(Plan.objects.filter(consumer_id=consumer_id, status=PlanStatus.ACTIVE).values_list("id", flat=True)))
        if opened:
            execute(_AGAIN, [[str(plan.id) for plan in opened]])


def wait_for_promise(*, plan: Plan, pay_on: date, at: datetime) -> None:
    """Leave what is late of a locked plan alone until a day is over in the plan's zone; a later attempt stays later."""
    plan.promised_until = pay_on
    plan.save(update_fields=["promised_until"])
    late = Installment.objects.filter(plan=plan, status=InstallmentStatus.OVERDUE, charge_id=None, next_attempt_at__isnull=False)
    late.update(next_attempt_at=Greatest("next_attempt_at", day_begins(pay_on + timedelta(days=1), plan.time_zone)))


def end_promises(*, plan_ids: Collection[uuid.UUID], at: datetime) -> None:
    """Ask again for what is late of locked plans, whose promises were decided."""
    Plan.objects.filter(id__in=plan_ids).update(promised_until=None)


def wait_for_settlement(*, plan: Plan, until: date, at: datetime) -> None:
    """Leave all of a locked plan alone until its settlement ends, its last day at the latest: nothing is charged, and nothing asked for."""
    plan.promised_until = plan.settling_until = until
    plan.save(update_fields=["promised_until", "settling_until"])
    Installment.objects.filter(plan=plan, status__in=INSTALLMENT_OPEN, charge_id=None).update(next_attempt_at=None)


def end_settlement_wait(*, plan: Plan, at: datetime) -> None:
    """Let workers charge a locked plan again whose settlement ended; one that was given up they never charge."""
    plan.promised_until = plan.settling_until = None
    plan.save(update_fields=["promised_until", "settling_until"])
    if plan.status == PlanStatus.ACTIVE:
        execute(_AGAIN, [[str(plan.id)]])


def follow_zone(*, plan: Plan, at: datetime) -> None:
    """Let workers charge a locked plan's future installments from the start of their due dates in the plan's zone."""
    execute(_FOLLOW, [[str(plan.id)]])
