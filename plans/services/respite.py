"""A breathing space: collecting stands still for a time that the law sets, payments move behind its end, and it ends by itself."""

import uuid
from datetime import date, datetime, timedelta

from accounts.models import Consumer
from accounts.queries import account_ids, lock_person_of
from core.clock import local_date
from core.db import unit
from core.errors import Conflict, Invalid
from core.outbox import append
from core.sentences import Sentence
from markets.queries import find_respite
from plans.events import CollectingStopped, ScheduleChanged
from plans.hardship import free_of
from plans.models import Plan, Standstill
from plans.queries import installments_of, lock_plan, lock_plans, parts_of
from plans.rules.areas import AFTER_DAYS
from plans.rules.hardship import paused
from plans.services.shifting import shift_payments
from plans.standstill import RESPITE, days_of, find_respite_of, standing_still
from plans.states import PlanStatus

LONGEST_REFERENCE = 60
ENDED = "respite_ended"


def begin_respite(*, consumer_id: uuid.UUID, kind: str, reference: str, actor: str, at: datetime) -> Standstill:
    """Note that a person has a breathing space, in all their accounts, with the reference of its notice (up to 60 characters).

    From now on nothing is charged by workers or asked for, no fee comes, no agency keeps a debt, and payments move behind the end without
    more interest. Its days are those of the market's setting `hardship.respite`. One of the law may follow the time with a debt
    adviser while that runs. Invalid names `kind` or `reference`; Conflict if another one runs.
    """
    words = reference.strip()
    if not words or len(words) > LONGEST_REFERENCE:
        raise Invalid(
            "Say which notice it is.", fields={"reference": Sentence("Write the reference of the notice, with up to 60 characters.")}
        )
    with unit():
        holder = lock_person_of(consumer_id)
        accounts = list(Consumer.objects.filter(pk__in=account_ids(holder)).order_by("id"))
        mine = next(one for one in accounts if one.pk == consumer_id)
        today = local_date(at, mine.time_zone)
        days = days_of(kind, find_respite(mine.market_id, today))
        if days is None:
            raise Invalid("Choose what was noted.", fields={"kind": Sentence("This market has no such breathing space.")})
        running = list(Standstill.objects.filter(person=holder, kind__in=RESPITE, ended_at=None))
        if any(one.kind != Standstill.ADVICE or kind == Standstill.ADVICE for one in running):
            raise Conflict("A breathing space of this person runs already.", code="plans.respite_runs")
        until = today + timedelta(days=days - 1) if days else None
        told = {"person": holder, "kind": kind, "reference": words, "until": until, "noted_by": actor, "noted_at": at}
        made = Standstill.objects.bulk_create([Standstill(consumer=one, **told) for one in accounts])
        _wait(made, at, since=max((one.until for one in running if one.until), default=None))
        append(CollectingStopped(consumers=[one.consumer.public_id for one in made]), at=at)
    return next(one for one in made if one.consumer_id == consumer_id)


def end_treatment(*, consumer_id: uuid.UUID, on: date, at: datetime) -> date:
    """Note on which day the treatment of a person's crisis ended; return the last day of their breathing space, some days later.

    Conflict if no such breathing space runs whose end is open; Invalid for a day (`on`) before it began or to come.
    """
    with unit():
        holder = lock_person_of(consumer_id)
        found = Standstill.objects.select_related("consumer").filter(person=holder, kind=Standstill.CRISIS, ended_at=None, until=None)
        rows = list(found.order_by("consumer"))
        if not rows:
            raise Conflict("No breathing space with an open end is noted.", code="plans.no_respite")
        mine = next((one.consumer for one in rows if one.consumer_id == consumer_id), rows[0].consumer)
        if not local_date(rows[0].noted_at, mine.time_zone) <= on <= local_date(at, mine.time_zone):
            raise Invalid("Choose another day.", fields={"on": Sentence("Choose a day since it was noted, today at the latest.")})
        until = on + timedelta(days=int(find_respite(mine.market_id, on).get("after_days", 0)))
        for one in rows:
            one.until = until
        Standstill.objects.bulk_update(rows, ["until"])
        _wait(rows, at)
    return until


def wait_in_respite(*, plan_id: uuid.UUID, at: datetime) -> int:
    """Let what became owed on a plan during a breathing space of its person wait behind it too; return how many payments moved.

    That is what was shipped meanwhile, with its later payments, and what a bank took back. Safe to repeat; two queries where none runs.
    """
    one = find_respite_of(Plan.objects.values_list("consumer_id", flat=True).get(pk=plan_id))
    if one is None or one.until is None:
        return 0
    with unit():
        plan = lock_plan(plan_id)
        if plan.status != PlanStatus.ACTIVE or plan.stopped_at is not None or plan.settling_until is not None:
            return 0
        today, begun, rows = local_date(at, plan.time_zone), local_date(one.noted_at, plan.time_zone), installments_of(plan)
        free: set[int] = {row.number for row in free_of(rows)}
        new: dict[int, date] = {}
        for members in parts_of(rows).values():
            days = {row.number: row.due_date for row in members if row.number in free}
            early = {number: day for number, day in days.items() if day <= one.until}
            if early:
                held = (one.until - max(min(early.values()), today)).days + AFTER_DAYS
                new |= paused(days if members[0].start_date >= begun else early, held, today)
        return shift_payments(
            plan=plan, rows=rows, new=new, kind="respite", reference=one.public_id, actor=one.noted_by, at=at, tells=False
        )


def end_respites(*, zone: str, day: date, at: datetime) -> int:
    """End the breathing spaces of a zone whose last day was by a closed day; return of how many accounts. Safe to repeat.

    The people are told by letter what falls due when, unless something else stands still for them. A step of the close of day.
    """
    with unit():
        over = Standstill.objects.filter(kind__in=RESPITE, until__lte=day, consumer__time_zone=zone)
        # Of two at once, the second finds none to end.
        done = over.filter(ended_at=None).update(ended_at=at)
        found = {one.consumer_id: one for one in over.filter(ended_at=at).order_by("id")} if done else {}
        people = set(found) - standing_still(found)
        plans = Plan.objects.filter(consumer__in=people, status=PlanStatus.ACTIVE, stopped_at=None, settling_until=None)
        for one in plans.defer("agreement", "agreement_before").order_by("id"):
            cause = f"{found[one.consumer_id].public_id}:{ENDED}"
            append(ScheduleChanged(plan=one.public_id, reference=one.reference, kind=ENDED, cause=cause), at=at)
    return done


def _wait(made: list[Standstill], at: datetime, *, since: date | None = None) -> None:
    """Move the payments of people behind the end of their breathing space, by the rule of a pause; without an end they stay for now.

    The first comes a week after it. Amounts stay as they are, so that no interest is asked for the time. `since` is the last day of another
    one that runs: they wait behind that already.
    """
    until = {one.consumer_id: one for one in made if one.until is not None}
    plans = Plan.objects.filter(consumer__in=until, status=PlanStatus.ACTIVE, stopped_at=None, settling_until=None)
    for plan in lock_plans(list(plans.values_list("pk", flat=True))):
        one = until[plan.consumer_id]
        today, rows = local_date(at, plan.time_zone), installments_of(plan)
        last = one.until or today
        free = {row.number: row.due_date for row in free_of(rows)}
        days = max(0, (last - max(today, since or today)).days) + (AFTER_DAYS if since is None else 0)
        new = paused(free, days, today) if free and days else {}
        shift_payments(plan=plan, rows=rows, new=new, kind="respite", reference=one.public_id, actor=one.noted_by, at=at, tells=False)
