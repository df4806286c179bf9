"""What is known of late people, for what an operator does next about each; in a constant number of queries."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count

from collection.advising import Known, Next, advise
from collection.cases import Contacts, LatePlan, MayCall, desk_day, late_of, place_words
from collection.models import Call, Case, Promise, Task
from collection.states import PROMISE_DECIDED, CaseStatus, PromiseStatus
from collection.texts import ADVICE
from core.moments import day_words
from plans.models import Hardship


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do next about the person of a case, why, and whether they may be called now."""

    do: Next
    allowed: MayCall
    day: date | None
    zone: str

    @property
    def words(self) -> tuple[str, str]:
        """What to do, and why, in the reader's language."""
        what, why = ADVICE[self.do]
        facts = {"day": day_words(self.day) if self.day else "", "at": place_words(self.allowed.at, self.zone) if self.allowed.at else ""}
        return str(what), str(why) % facts


def advise_on(cases: Sequence[Case], at: datetime) -> dict[uuid.UUID, Advice]:
    """Return what to do next about each of some cases, by its key; nine queries."""
    people = [case.consumer_id for case in cases]
    late, contacts = late_of(people, at), Contacts.of(people, at)
    plans = [one.plan.pk for mine in late.values() for one in mine]
    promised, broken, eased = _promised(plans), _broken(plans), set(Hardship.objects.filter(plan__in=plans).values_list("plan", flat=True))
    due = tasks_due(cases, at)
    found: dict[uuid.UUID, Advice] = {}
    for case in cases:
        mine = late.get(case.consumer_id, [])
        allowed, keys = contacts.may_call(case, mine, at), [one.plan.pk for one in mine]
        calls = [one for one in contacts.calls.get(case.consumer_id, ()) if one.ended_at is not None]
        day = max((promised[key] for key in keys if key in promised), default=None)
        known = Known(
            refused=allowed.refused,
            closed=case.status == CaseStatus.CLOSED,
            tasks_due=due.get(case.pk, 0),
            promised=day if day and _all_wait(mine, promised) else None,
            wrong=bool(calls) and calls[0].outcome == Call.WRONG,
            missed=_missed(calls),
            eased=any(key in eased for key in keys),
            broken=any(key in broken for key in keys),
        )
        found[case.pk] = Advice(advise(known), allowed, day, case.consumer.time_zone)
    return found


def _all_wait(late: Sequence[LatePlan], promised: Collection[uuid.UUID]) -> bool:
    """Return whether a promise waits for each late plan: one plan without a promise is reason enough to talk."""
    return all(one.plan.pk in promised for one in late)


def _missed(calls: Sequence[Call]) -> int:
    count = 0
    for one in calls:
        if one.outcome != Call.MISSED:
            break
        count += 1
    return count


def _promised(plans: Collection[uuid.UUID]) -> dict[uuid.UUID, date]:
    return dict(Promise.objects.filter(plan__in=plans, status=PromiseStatus.WAITING).values_list("plan_id", "pay_on"))


def _broken(plans: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return the plans of which the last promise that was decided was not kept in full."""
    last = Promise.objects.filter(plan__in=plans, status__in=PROMISE_DECIDED).order_by("plan_id", "-id").distinct("plan_id")
    return {one.plan_id for one in last if one.status != PromiseStatus.KEPT}


def tasks_due(cases: Sequence[Case], at: datetime) -> dict[uuid.UUID, int]:
    """Return how many open tasks of today or earlier each case has, by its key; one query."""
    if not cases:
        return {}
    today = max(desk_day(case.consumer.market, at) for case in cases)
    found = Task.objects.filter(case__in=cases, done_at=None, due_on__lte=today)
    return dict(found.values_list("case").annotate(Count("id")))


def list_tasks(case: Case, *, limit: int = 50) -> list[Task]:
    """Return the tasks of a case: open ones first, by their days, then those that are done, the newest first."""
    found = list(Task.objects.filter(case=case, done_at=None).order_by("due_on", "id")[:limit])
    return [*found, *Task.objects.filter(case=case).exclude(done_at=None).order_by("-done_at")[: limit - len(found)]]
