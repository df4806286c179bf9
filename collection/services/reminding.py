"""Steps of the close of day: reminders of who is late, one for all that is late of a person, and the notices that the law demands."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime

from collection.arrears import CREDIT, DAYS, LATE
from collection.events import LateNoticeIssued, PersonReminded
from collection.models import LateNotice, Reminder
from collection.reminding import next_step, steps_in
from core.arrays import plain_array
from core.db import rows
from core.outbox import append_all
from markets.queries import LATE_NOTICES, find_late_notice, find_steps
from plans.standstill import MOVES

_MOVING = f"p.stopped_at IS NULL AND (p.promised_until IS NULL OR p.promised_until <= %(day)s) AND {MOVES}"
_PEOPLE = f"""
    WITH who AS (SELECT DISTINCT consumer_id FROM plans_plan WHERE id = ANY(%(plans)s::uuid[]))
    SELECT c.id, c.market_id, ARRAY[c.classes ->> 'risk_class', c.classes ->> 'loyalty'], max({DAYS}),
        min(coalesce(p.late_since, i.due_date))
    FROM who JOIN accounts_consumer c ON c.id = who.consumer_id
        JOIN plans_plan p ON p.consumer_id = c.id JOIN plans_installment i ON i.plan_id = p.id
    WHERE {LATE} AND {_MOVING} GROUP BY c.id ORDER BY c.id"""  # noqa: S608  (words of our own)
_PLANS = f"""
    SELECT p.id, r.market_id, max({DAYS}), count(*), sum({CREDIT})::bigint, min(coalesce(p.late_since, i.due_date)), (
        SELECT sum(w.principal_minor)::bigint FROM plans_installment w WHERE w.plan_id = p.id)
    FROM plans_plan p JOIN plans_product r ON r.id = p.product_id JOIN plans_installment i ON i.plan_id = p.id
    WHERE p.id = ANY(%(plans)s::uuid[]) AND {LATE} AND {_MOVING} GROUP BY p.id, r.market_id ORDER BY p.id"""  # noqa: S608  (words of our own)


def take_steps(*, plan_ids: Sequence[uuid.UUID], day: date, at: datetime) -> int:
    """Take the step of reminding that is due for each person of locked plans as of a closed day; return how many were taken."""
    late = rows(_PEOPLE, {"plans": plain_array(plan_ids), "day": day})
    taken: dict[tuple[uuid.UUID, date], list[tuple[int, date]]] = defaultdict(list)
    for one in Reminder.objects.filter(consumer__in=[row[0] for row in late]):
        taken[one.consumer_id, one.since].append((one.number, one.day))
    made: list[Reminder] = []
    for consumer_id, market, classes, days, since in late:
        setting = find_steps(market, classes, day)
        if setting is None:
            continue
        apart = setting.value["apart_days"]
        step = next_step(steps_in(setting.value), days=days, apart=apart, taken=taken[consumer_id, since], today=day)
        if step is not None:
            told = {"number": step.number, "days": days, "tone": step.tone}
            made.append(Reminder(consumer_id=consumer_id, since=since, day=day, at=at, **told))
    Reminder.objects.bulk_create(made, ignore_conflicts=True)
    append_all((PersonReminded(reminder=one.public_id) for one in made), at=at)
    return len(made)


def give_notices(*, plan_ids: Sequence[uuid.UUID], day: date, at: datetime) -> int:
    """Give the notices that the law demands of locked plans as of a closed day; return how many were given."""
    late = rows(_PLANS, {"plans": plain_array(plan_ids), "day": day})
    given: dict[tuple[uuid.UUID, str, date], list[date]] = defaultdict(list)
    for one in LateNotice.objects.filter(plan__in=[row[0] for row in late]).order_by("id"):
        given[one.plan_id, one.kind, one.since].append(one.day)
    made: list[LateNotice] = []
    for plan_id, market, days, payments, minor, since, credit in late:
        for kind in LATE_NOTICES:
            setting = find_late_notice(market, kind, day)
            before = given[plan_id, kind, since]
            if setting is None or not _is_due(setting.value, days, payments, minor, credit, before, day):
                continue
            told = {"days": setting.value["days"], "law": setting.value["law"], "number": len(before) + 1}
            made.append(LateNotice(plan_id=plan_id, kind=kind, since=since, day=day, at=at, **told))
    LateNotice.objects.bulk_create(made, ignore_conflicts=True)
    append_all((LateNoticeIssued(notice=one.public_id) for one in made), at=at)
    return len(made)


def _is_due(value: dict[str, int], days: int, payments: int, minor: int, credit: int, before: Sequence[date], day: date) -> bool:
    """Return whether a notice is due for a plan that is late for some days, by so many payments, with `minor` of its credit open."""
    if days < value["from_days"] or payments < value["payments"] or minor * 10_000 < value.get("share_bps", 0) * credit:
        return False
    return not before or ("again_days" in value and (day - before[-1]).days >= value["again_days"])


def note_told(*, notices: Collection[uuid.UUID], at: datetime) -> None:
    """Note that the letters of some notices were sent: their days begin."""
    if notices:
        LateNotice.objects.filter(pk__in=notices, told_at=None).update(told_at=at)
