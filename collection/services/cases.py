"""Cases of late people: opened, kept up and closed by the close of day; taken and called by operators of the desk."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_noop

from accounts.models import Consumer, User
from collection.arrears import CREDIT, DAYS, LATE, NAMES
from collection.cases import asked_about, desk_day, list_late_of, may_call
from collection.contacting import complaining
from collection.models import Call, Case, ContactStop, Task
from collection.queries import get_case, lock_case, lock_open_cases
from collection.services.contacting import allow_contact, stop_contact
from collection.settable import CASE_DAYS
from collection.states import CaseStatus
from controls import services as controls
from controls.models import Proposal
from core.adjusting import value_of
from core.arrays import plain_array
from core.clock import local_date
from core.db import rows, unit
from core.errors import Conflict, Invalid, require
from core.sentences import Sentence
from markets.queries import find_respite
from plans import services as plans
from plans.guards import MOVES_ON
from plans.models import Standstill
from plans.rules.arrears import bucket_of
from plans.standstill import in_respite

MAY_WORK = "collection.work_case"
WAS = "was"
# A plan that is stopped is nobody's to be called about.
LATE_PEOPLE = f"""
    WITH who AS (SELECT DISTINCT consumer_id FROM plans_plan WHERE id = ANY(%(plans)s::uuid[]))
    SELECT who.consumer_id, l.currency, l.days, l.plans, l.minor
    FROM who LEFT JOIN LATERAL (
        SELECT p.currency, max({DAYS}) AS days,
            count(DISTINCT p.id) AS plans, sum({CREDIT} + i.fees_minor - i.paid_fees_minor)::bigint AS minor
        FROM plans_plan p JOIN plans_installment i ON i.plan_id = p.id
        WHERE p.consumer_id = who.consumer_id AND p.stopped_at IS NULL AND {LATE} GROUP BY p.currency) l ON true
    WHERE l.days >= %(least)s
        OR EXISTS (SELECT 1 FROM collection_case k WHERE k.consumer_id = who.consumer_id AND k.status = '{CaseStatus.OPEN}')
    ORDER BY who.consumer_id, l.days DESC, l.plans DESC, l.currency"""  # noqa: S608


@dataclass(slots=True)
class _Late:
    """How late a person is: the days of the latest, how many plans, and what is late by currency, in minor units, the latest first."""

    days: int = 0
    plans: int = 0
    sums: dict[str, int] = field(default_factory=dict)

    def told(self, currency: str) -> dict[str, Any]:
        """Return the fields of a case in a currency; what is late in others is told beside it."""
        others = {name: minor for name, minor in self.sums.items() if name != currency}
        rank = NAMES.index(bucket_of(self.days))
        return {
            "rank": rank,
            "days": self.days,
            "plans": self.plans,
            "late_minor": self.sums.get(currency, 0),
            "late_others": others,
        }


REVIEW_RESPITE = gettext_noop("Review the breathing space: ask its adviser whether it goes on.")
"""What a task is about that comes with a breathing space; pages translate it."""


def keep_cases(*, plan_ids: Sequence[uuid.UUID], day: date, at: datetime) -> int:
    """Open, keep up and close the cases of the people of locked plans, by all that is late of each as of a closed day.

    A case stays open while a complaint waits for its answer, or a breathing space runs.

    Returns how many cases changed. Safe to repeat.
    """
    late = _late_by(plan_ids, day)
    known = lock_open_cases(late)
    # Else a complaint that still waits for its answer, or the review of a breathing space, would leave the queue.
    unanswered = complaining(known) | in_respite(known)
    opened, moved = [], []
    for consumer_id, one in sorted(late.items()):
        case = known.get(consumer_id)
        currency = case.currency if case else next(iter(one.sums), "")
        told = one.told(currency)
        if case is None and one.days >= value_of(CASE_DAYS):
            opened.append(Case(consumer_id=consumer_id, currency=currency, opened_on=day, **told))
        elif case is not None and not one.days and consumer_id not in unanswered:
            case.closed_on = day
            case.close()
            moved.append(case)
        elif case is not None and told != {name: getattr(case, name) for name in told}:
            for name, value in told.items():
                setattr(case, name, value)
            moved.append(case)
    # A complaint that is handed over at this moment may have opened one.
    Case.objects.bulk_create(opened, ignore_conflicts=True)
    Case.objects.bulk_update(moved, ["status", "closed_on", "rank", "days", "plans", "late_minor", "late_others"])
    return len(opened) + len(moved)


def _late_by(plan_ids: Sequence[uuid.UUID], day: date) -> dict[uuid.UUID, _Late]:
    """Return how late the people of some plans are as of a day, one row of each currency."""
    told = {"plans": plain_array(plan_ids), "day": day, "least": value_of(CASE_DAYS)}
    found: dict[uuid.UUID, _Late] = {}
    for consumer_id, currency, days, count, minor in rows(LATE_PEOPLE, told):
        one = found.setdefault(consumer_id, _Late())
        if currency:
            one.days, one.plans = max(one.days, days), one.plans + count
            one.sums[currency] = minor
    return found


def take_case(*, case_id: uuid.UUID, user: User, at: datetime) -> Case:
    """Give an open case to the operator who asks for it, from whoever has it; Conflict if it is closed."""
    return _give(case_id, user, str(user.pk), at)


def leave_case(*, case_id: uuid.UUID, user: User, at: datetime) -> Case:
    """Give a case back to the queue; Conflict if it is closed."""
    return _give(case_id, user, "", at)


def _give(case_id: uuid.UUID, user: User, taken_by: str, at: datetime) -> Case:
    require(user, MAY_WORK)
    with unit():
        case = lock_case(case_id)
        if case.status != CaseStatus.OPEN:
            raise Conflict("This case is closed: nothing is late any more.", code="collection.case_closed")
        case.taken_by, case.taken_at = taken_by, at if taken_by else None
        case.save(update_fields=["taken_by", "taken_at"])
    return case


def start_call(*, case_id: uuid.UUID, user: User, at: datetime) -> Call:
    """Begin a call to the person of a case about all that is late; it counts from now on, whatever comes of it.

    Conflict (`collection.call_` and a key of `REFUSED_CALL`) if the person may not be called now, with when they may be next.
    """
    require(user, MAY_WORK)
    with unit():
        case = lock_case(case_id)
        late = list_late_of(case.consumer_id, at)
        allowed = may_call(case, late, at)
        if allowed.refused:
            raise Conflict(allowed.why_not(case.consumer.time_zone), code=f"collection.call_{allowed.refused}")
        return Call.objects.create(
            case=case,
            consumer=case.consumer,
            debts=[str(one.plan.pk) for one in asked_about(late, at)],
            day=local_date(at, case.consumer.time_zone),
            begun_by=str(user.pk),
            begun_at=at,
        )


def end_call(*, case_id: uuid.UUID, outcome: str, user: User, at: datetime) -> Call:
    """Note the outcome of a case's call that is under way, once; Conflict if there is none."""
    require(user, MAY_WORK)
    if outcome not in dict(Call.OUTCOMES):
        raise Invalid("Choose what came of the call.", fields={"outcome": Sentence("choose one of these")})
    with unit():
        case = lock_case(case_id)
        call = Call.objects.filter(consumer=case.consumer, ended_at=None).first()
        if call is None:
            raise Conflict("No call is under way.", code="collection.no_call")
        call.outcome, call.ended_at = outcome, at
        call.save(update_fields=["outcome", "ended_at"])
        if outcome == Call.STOP:
            stop_contact(consumer_id=case.consumer_id, channel=ContactStop.CALL, actor=str(user.pk), at=at)
    return call


def note_stop(*, case_id: uuid.UUID, channel: str, user: User, at: datetime) -> None:
    """Note that the person of a case does not want to be asked to pay by a channel."""
    require(user, MAY_WORK)
    stop_contact(consumer_id=get_case(case_id).consumer_id, channel=channel, actor=str(user.pk), at=at)


def note_allowed(*, case_id: uuid.UUID, channel: str, user: User, at: datetime) -> None:
    """Note that the person of a case said that they may be asked to pay by a channel again."""
    require(user, MAY_WORK)
    allow_contact(consumer_id=get_case(case_id).consumer_id, channel=channel, actor=str(user.pk), at=at)


def note_standstill(*, case_id: uuid.UUID, kind: str, user: User, at: datetime) -> Standstill:
    """Note that the person of a case died or is insolvent: from now on nothing is reminded of, charged by workers or late with a fee."""
    require(user, MAY_WORK)
    return plans.stand_still(consumer_id=get_case(case_id).consumer_id, kind=kind, actor=str(user.pk), at=at)


def note_respite(*, case_id: uuid.UUID, kind: str, reference: str, user: User, at: datetime) -> Standstill:
    """Note that the person of a case has a breathing space, with a task to review it in time; a case that is closed opens again.

    See `plans.services.begin_respite`.
    """
    require(user, MAY_WORK)
    seen = get_case(case_id)
    with unit():
        # Before the case, as the close of day takes them.
        made = plans.begin_respite(consumer_id=seen.consumer_id, kind=kind, reference=reference, actor=str(user.pk), at=at)
        case = lock_case(case_id)
        if case.status != CaseStatus.OPEN:
            case = open_case_for(case.consumer, case.currency, at)
        today = desk_day(case.consumer.market, at)
        review_on = today + timedelta(days=int(find_respite(case.consumer.market_id, today)["review_days"]))
        Task.objects.create(case=case, consumer=case.consumer, what=REVIEW_RESPITE, due_on=review_on, made_by=str(user.pk), made_at=at)
    return made


def note_treatment_ended(*, case_id: uuid.UUID, on: date, user: User, at: datetime) -> date:
    """Note on which day the treatment of the person of a case ended; return the last day of their breathing space."""
    require(user, MAY_WORK)
    return plans.end_treatment(consumer_id=get_case(case_id).consumer_id, on=on, at=at)


def open_case_for(consumer: Consumer, currency: str, at: datetime) -> Case:
    """Return a person's open case, locked; a new one without anything late if there is none, so that what waits is in the queue."""
    empty = {"currency": currency, "opened_on": desk_day(consumer.market, at), "rank": 0, "days": 0, "plans": 0, "late_minor": 0}
    Case.objects.bulk_create([Case(consumer=consumer, **empty)], ignore_conflicts=True)
    return lock_open_cases([consumer.pk])[consumer.pk]


def propose_moving_on(*, case_id: uuid.UUID, reason: str, user: User, at: datetime) -> Proposal:
    """Propose that collecting goes on for the person of a case; nothing changes until another operator approves it."""
    subject = str(get_case(case_id).consumer.holder_id)
    return controls.propose(kind=MOVES_ON, subject=subject, after={WAS: ""}, reason=reason, starts_on=None, user=user, at=at)
