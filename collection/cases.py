"""Cases of late people: the queue of the desk, a case's late plans and calls, and when the person may be called next."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.support import not_called_among
from collection.calling import Called, CallRules, NextCall, next_call
from collection.contacting import complaining
from collection.errors import REFUSED_CALL
from collection.models import Call, Case, ContactStop, Task
from collection.states import CaseStatus
from core.clock import local_date
from core.moments import day_words
from core.sentences import Sentence
from markets.models import Market
from markets.queries import contact_hours, find_calls, is_quiet
from plans.late import late_or
from plans.models import Installment, Plan
from plans.queries import list_installments
from plans.standstill import standing_still
from plans.states import PlanStatus

_OF_CASES = f"""
    SELECT p.id FROM collection_case c JOIN plans_plan p ON p.consumer_id = c.consumer_id
    WHERE c.status = '{CaseStatus.OPEN}' AND p.time_zone = %s AND p.id > %s::uuid ORDER BY p.id LIMIT %s"""  # noqa: S608
LONGEST = timedelta(days=92)
"""Calls from longer ago hold nothing back, since no span of `contact.calls` is longer."""


def find_for_cases(*, zone: str, day: date, after: uuid.UUID | None, limit: int) -> Sequence[uuid.UUID]:
    """Return a zone's plans that are late by a day, and all plans of people with an open case, past a key, in order; two queries."""
    return late_or(_OF_CASES, zone=zone, day=day, after=after, limit=limit)


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the queue is asked for: a market, and where given a brand, a place of a bucket (`Case.rank`), and who has taken it."""

    market: str
    brand: str = ""
    rank: int | None = None
    taken_by: str = ""

    def filtered(self, *, with_rank: bool = True) -> QuerySet[Case]:
        """Return the open cases that are asked for."""
        found = Case.objects.filter(status=CaseStatus.OPEN, consumer__market_id=self.market)
        found = found.filter(consumer__brand_id=self.brand) if self.brand else found
        found = found.filter(taken_by=self.taken_by) if self.taken_by else found
        return found.filter(rank=self.rank) if with_rank and self.rank is not None else found


def list_queue(asked: Asked, today: date, *, first: int, limit: int) -> list[Case]:
    """Return open cases: those with a task that is due by a day, then the latest first, in a bucket the largest amount; one query."""
    due = Exists(Task.objects.filter(case=OuterRef("pk"), done_at=None, due_on__lte=today))
    found = asked.filtered().annotate(has_task=due).select_related("consumer__market")
    return list(found.order_by("-has_task", "-rank", "-late_minor", "id")[first : first + limit])


def count_queue(asked: Asked) -> dict[int, int]:
    """Return how many open cases there are in each bucket, by its place, whichever is asked for, the latest first; one query."""
    return dict(asked.filtered(with_rank=False).values_list("rank").annotate(n=Count("id")).order_by("-rank"))


def busiest_market() -> str:
    """Return the market with the most open cases; empty if there are none. One query."""
    found = Case.objects.filter(status=CaseStatus.OPEN).values_list("consumer__market_id").annotate(n=Count("id"))
    first = found.order_by("-n", "consumer__market_id").first()
    return str(first[0]) if first else ""


@dataclass(frozen=True, slots=True)
class LatePlan:
    """A plan with something late: how many days, and how much with fees in minor units."""

    plan: Plan
    days: int
    late_minor: int


def list_late_of(consumer_id: uuid.UUID, at: datetime) -> list[LatePlan]:
    """Return a consumer's plans with something late now, the latest first; those that are stopped are left out; two queries."""
    return late_of([consumer_id], at).get(consumer_id, [])


def late_of(consumer_ids: Collection[uuid.UUID], at: datetime) -> dict[uuid.UUID, list[LatePlan]]:
    """Return for each of some consumers what `list_late_of` returns; those without anything late are left out; two queries."""
    found = Plan.objects.filter(consumer_id__in=consumer_ids, status=PlanStatus.ACTIVE, stopped_at=None)
    plans = list(found.select_related("product__market").order_by("id"))
    members = list_installments([plan.pk for plan in plans])
    late: dict[uuid.UUID, list[LatePlan]] = {}
    for plan in plans:
        one = _late(plan, members[plan.pk], local_date(at, plan.time_zone))
        if one.days:
            late.setdefault(plan.consumer_id, []).append(one)
    return {key: sorted(mine, key=lambda one: (-one.days, one.plan.pk)) for key, mine in late.items()}


def _late(plan: Plan, members: Sequence[Installment], today: date) -> LatePlan:
    late = [row for row in members if row.is_late(today)]
    return LatePlan(plan, max((row.days_late(today) for row in late), default=0), sum(row.open_minor for row in late))


def asked_about(late: Sequence[LatePlan], at: datetime) -> list[LatePlan]:
    """Return those of some late plans that a person may be asked about: those that are not promised for today or later."""
    return [one for one in late if one.plan.promised_until is None or one.plan.promised_until < local_date(at, one.plan.time_zone)]


def list_calls(consumer_id: uuid.UUID, *, limit: int = 50) -> list[Call]:
    """Return the calls to a consumer, the newest first."""
    return list(Call.objects.filter(consumer_id=consumer_id).order_by("-id")[:limit])


@dataclass(frozen=True, slots=True)
class MayCall:
    """Whether a late person may be called now: why not (a key of `REFUSED_CALL`, else empty), and when next, if ever."""

    refused: str
    at: datetime | None = None

    def why_not(self, zone: str) -> Sentence:
        """Return why a person who lives in a time zone may not be called, and when next, by their clock."""
        return Sentence(REFUSED_CALL[self.refused], **({"at": place_words(self.at, zone)} if self.at else {}))


@dataclass(frozen=True, slots=True)
class Contacts:
    """What decides whether some people may be called: who may not be, and the calls of the last `LONGEST` and under way by person.

    The newest call comes first.
    """

    still: Collection[uuid.UUID]
    complaining: Collection[uuid.UUID]
    asked_not: Collection[uuid.UUID]
    no_calls: Collection[uuid.UUID]
    calls: Mapping[uuid.UUID, Sequence[Call]]

    @classmethod
    def of(cls, consumer_ids: Collection[uuid.UUID], at: datetime) -> "Contacts":
        """Read it; five queries, however many people."""
        made = Call.objects.filter(consumer__in=consumer_ids)
        calls: dict[uuid.UUID, list[Call]] = {}
        for call in made.filter(Q(begun_at__gte=at - LONGEST) | Q(ended_at=None)).order_by("-id"):
            calls.setdefault(call.consumer_id, []).append(call)
        stops = ContactStop.objects.filter(consumer__in=consumer_ids, channel=ContactStop.CALL, ended_at=None)
        asked_not, no_calls = set(stops.values_list("consumer_id", flat=True)), not_called_among(consumer_ids, at.date())
        return cls(standing_still(consumer_ids), complaining(consumer_ids), asked_not, no_calls, calls)

    def may_call(self, case: Case, late: Sequence[LatePlan], at: datetime) -> MayCall:
        """Return whether the person of a case may be called now about what is late and not promised."""
        asked = asked_about(late, at)
        if never := self._never(case, late, asked):
            return MayCall(never)
        consumer, made = case.consumer, self.calls.get(case.consumer_id, ())
        today = local_date(at, consumer.time_zone)
        found = find_calls(consumer.market_id, today)
        following: NextCall = next_call(
            [str(one.plan.pk) for one in asked],
            [Called(one.day, frozenset(one.debts), one.outcome == Call.SPOKE) for one in made],
            rules=CallRules(**found.value) if found else CallRules(),
            hours=contact_hours(consumer.market_id, today),
            zone=consumer.time_zone,
            at=at,
            is_quiet=partial(is_quiet, consumer.market_id),
        )
        return MayCall(following.why, None if not following.why else following.at)

    def _never(self, case: Case, late: Sequence[LatePlan], asked: Sequence[LatePlan]) -> str:
        """Return what keeps the person of a case from being called at any hour (a key of `REFUSED_CALL`); empty if nothing does."""
        reasons = {
            "standstill": case.consumer_id in self.still,
            "complaint": case.consumer_id in self.complaining,
            "nothing_late": case.status != CaseStatus.OPEN or not late,
            "asked_not": case.consumer_id in self.asked_not,
            "no_calls": case.consumer_id in self.no_calls,
            "under_way": any(one.ended_at is None for one in self.calls.get(case.consumer_id, ())),
            "promised": not asked,
            "no_phone": not case.consumer.phone,
        }
        return next((why for why, holds in reasons.items() if holds), "")


def may_call(case: Case, late: Sequence[LatePlan], at: datetime) -> MayCall:
    """Return whether the person of a case may be called now about what is late; five queries."""
    return Contacts.of([case.consumer_id], at).may_call(case, late, at)


def desk_day(market: Market, at: datetime) -> date:
    """Return the day by which the tasks of a market's cases are due."""
    return local_date(at, market.time_zone)


def place_words(at: datetime, zone: str) -> str:
    """Write a moment by the clock of a place: "Dec 6, 2026 08:00 (America/New_York)"."""
    there = at.astimezone(ZoneInfo(zone))
    return f"{day_words(there.date())} {there:%H:%M} ({zone})"
