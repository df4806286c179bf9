"""Pauses of plans whose people live in a disaster area: declared by two people, made by a worker, ended by the person or by its day."""

import time
import uuid
from collections.abc import Sequence
from datetime import date, datetime

from controls.models import Proposal
from core.clock import local_date
from core.db import unit
from core.errors import Conflict
from markets.models import Market
from plans.areas import ENDED, KIND, list_next, list_pauses, living_in, lock_area, reminder_days, running_in
from plans.hardship import free_of
from plans.models import AreaPause, DisasterArea, Installment, Plan
from plans.queries import installments_of, lock_plan, lock_plans
from plans.rules.areas import pause_days
from plans.rules.hardship import paused
from plans.services.shifting import shift_payments
from plans.states import PlanStatus

RUN_S = 60.0
"""The longest wall time of a run, in seconds; the next run goes on where it stopped."""
WORKER = "timer"


def declare_area(
    *, market: Market, name: str, cause: str, codes: Sequence[str], text: str, until: date, proposal: Proposal, at: datetime
) -> DisasterArea:
    """Declare an area that two people agreed on; a worker then pauses the plans of who lives there."""
    told = {"market": market, "name": name, "cause": cause, "codes": list(codes), "text": text, "until": until}
    with unit():
        return DisasterArea.objects.create(**told, proposal=proposal, at=at)


def pause_areas(*, at: datetime) -> int:
    """Pause the plans of people who live in areas that were declared; return how many. Run by a timer.

    A chunk of plans is one transaction, which stores how far it came: safe to kill at any line, to repeat and to run in many workers.
    """
    done, until = 0, time.monotonic() + RUN_S
    while time.monotonic() < until:
        with unit():
            area = lock_area()
            if area is None:
                return done
            done += _walk(area, at)
    return done


def _walk(area: DisasterArea, at: datetime) -> int:
    """Look at the next plans of a locked area's market."""
    found = list_next(area, area.walked)
    living = living_in({consumer for _plan, consumer in found}, area.codes)
    done = sum(_pause(plan, area, at) for plan in lock_plans([plan for plan, consumer in found if consumer in living]))
    if found:
        area.walked = found[-1][0]
    else:
        area.done_at = at
    area.save(update_fields=["walked", "done_at"])
    return done


def pause_newcomers(*, plan_ids: Sequence[uuid.UUID], day: date, at: datetime) -> int:
    """Pause locked plans whose people moved into an area, bought there or were shipped something since it was declared; return how many.

    A step of the close of day.
    """
    with unit():
        plans = lock_plans(plan_ids)
        done = 0
        for market in sorted({plan.product.market_id for plan in plans}):
            mine = [plan for plan in plans if plan.product.market_id == market]
            for area in running_in(market, day):
                living = living_in({plan.consumer_id for plan in mine}, area.codes)
                done += sum(_pause(plan, area, at) for plan in mine if plan.consumer_id in living)
    return done


def _pause(plan: Plan, area: DisasterArea, at: datetime) -> bool:
    """Move the payments of a locked plan behind the end of an area's pause, but for those that it moved before or that are being made now.

    Who goes on as before stays out of it. False where nothing moves.
    """
    if plan.status != PlanStatus.ACTIVE:
        return False
    rows, had = installments_of(plan), list(AreaPause.objects.filter(plan=plan, area=area))
    moved_before = {int(number) for one in had for number in one.dates}
    free = [row for row in free_of(rows) if row.number not in moved_before]
    today = local_date(at, plan.time_zone)
    days = _days(plan, area, [] if had else list_pauses(plan.pk, today), today)
    if any(one.ended_at for one in had) or not days or not (free or not had):
        return False
    new = paused({row.number: row.due_date for row in free}, days, today)
    dates = {str(row.number): [row.due_date.isoformat(), new[row.number].isoformat()] for row in free}
    made = AreaPause.objects.create(plan=plan, area=area, days=days, dates=dates, at=at)
    if not free:
        return False
    shift_payments(plan=plan, rows=rows, new=new, kind=KIND, reference=made.public_id, actor=WORKER, at=at)
    return True


def _days(plan: Plan, area: DisasterArea, others: Sequence[AreaPause], today: date) -> int:
    return pause_days(area.until, today, [one.area.until for one in others], reminder_days(plan.product.market_id, today))


def go_on(*, plan_id: uuid.UUID, actor: str, at: datetime) -> None:
    """Give a plan that is paused for an area its dates back, since its person wants to go on as before; what would be over is due today.

    Conflict if it is not paused (`plans.not_paused`). Payments that have got another date since, or are being made, keep it.
    """
    with unit():
        plan = lock_plan(plan_id)
        today = local_date(at, plan.time_zone)
        pauses = list_pauses(plan.pk, today)
        if not pauses:
            raise Conflict("The payments of this purchase are not paused.", code="plans.not_paused")
        rows = installments_of(plan)
        new = {row.number: day for row, day in dates_back(rows, pauses, today)}
        AreaPause.objects.filter(plan=plan, ended_at=None, area__in=[one.area_id for one in pauses]).update(ended_at=at)
        shift_payments(plan=plan, rows=rows, new=new, kind=ENDED, reference=pauses[-1].public_id, actor=actor, at=at)


def dates_back(rows: Sequence[Installment], pauses: Sequence[AreaPause], today: date) -> list[tuple[Installment, date]]:
    """Return the payments that would get another date if their person went on as before, each with that date."""
    first: dict[int, date] = {}
    last: dict[int, date] = {}
    for one in pauses:
        for number, (was, now) in one.dates.items():
            first.setdefault(int(number), date.fromisoformat(was))
            last[int(number)] = date.fromisoformat(now)
    free = [row for row in free_of(rows) if last.get(row.number) == row.due_date]
    return [(row, max(first[row.number], today)) for row in free]
