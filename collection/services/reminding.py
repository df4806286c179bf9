"""Steps of the close of day: reminders of who is late, one for all that is late of a person, and the notices that the law demands."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import cache

from accounts.objections import spared_among
from accounts.support import cared_among
from collection.arrears import CREDIT, DAYS, LATE
from collection.contacting import complains
from collection.events import LateNoticeIssued, PersonReminded
from collection.judges import roles_of_reminders
from collection.models import LateNotice, Reminder
from collection.reminding import may_come_again, next_step, steps_in, waiting_for_notice
from collection.segments import Arm
from collection.services.judging import judge_late
from core.arrays import plain_array
from core.clock import local_date
from core.db import rows
from core.outbox import append_all
from markets.queries import LATE_NOTICES, find_late_notice, find_steps, notice_rows, step_rows
from plans.models import Plan
from plans.queries import list_installments
from plans.standstill import MOVES

_MOVING = f"p.stopped_at IS NULL AND p.settling_until IS NULL AND (p.promised_until IS NULL OR p.promised_until <= %(day)s) AND {MOVES}"
# A person who complains is not reminded before the answer. Nothing is told where a payment of all that is late is under way.
PEOPLE = f"""
    WITH who AS (SELECT DISTINCT consumer_id FROM plans_plan WHERE id = ANY(%(plans)s::uuid[]))
    SELECT c.id, c.market_id, c.brand_id, ARRAY[c.classes ->> 'risk_class', c.classes ->> 'loyalty'], max({DAYS}),
        min(coalesce(p.late_since, i.due_date)), coalesce(c.behavior ->> 'tone', '')
    FROM who JOIN accounts_consumer c ON c.id = who.consumer_id
        JOIN plans_plan p ON p.consumer_id = c.id JOIN plans_installment i ON i.plan_id = p.id
    WHERE {LATE} AND {_MOVING}
        AND NOT {complains("c.id")}
    GROUP BY c.id HAVING bool_or(i.charge_id IS NULL) AND max({DAYS}) >= %(least)s ORDER BY c.id"""  # noqa: S608  (words of our own)
PLANS = f"""
    SELECT p.id, r.market_id, max({DAYS}), count(*), sum({CREDIT})::bigint, min(coalesce(p.late_since, i.due_date)), min(i.due_date), (
        SELECT sum(w.principal_minor)::bigint FROM plans_installment w WHERE w.plan_id = p.id)
    FROM plans_plan p JOIN plans_product r ON r.id = p.product_id JOIN plans_installment i ON i.plan_id = p.id
    WHERE p.id = ANY(%(plans)s::uuid[]) AND r.market_id = ANY(%(markets)s) AND {LATE} AND {_MOVING}
    GROUP BY p.id, r.market_id HAVING bool_or(i.charge_id IS NULL) ORDER BY p.id"""  # noqa: S608  (words of our own)
FRIENDLY = "friendly"


def take_steps(*, plan_ids: Sequence[uuid.UUID], day: date, at: datetime) -> int:
    """Take the step of reminding that is due for each person of locked plans as of a closed day; return how many were taken."""
    # Most people of a day are late for fewer days than any market's first step asks for; where a model is tried, each is judged at once.
    first = min((step.days for row in step_rows() for step in steps_in(row.value)), default=None)
    least = first if first is None or not roles_of_reminders() else 1
    late = rows(PEOPLE, {"plans": plain_array(plan_ids), "day": day, "least": least}) if least is not None else []
    before: dict[uuid.UUID, list[Reminder]] = defaultdict(list)
    for one in Reminder.objects.filter(consumer__in=[row[0] for row in late]):
        before[one.consumer_id].append(one)
    made: list[Reminder] = []
    cared = cared_among([row[0] for row in late], day)
    # A market's setting is looked up once, not for each of its people.
    in_force = cache(lambda market, brand, *segments: find_steps(market, segments, day, brand=brand))
    spared = spared_among([row[0] for row in late])
    judged = judge_late(people={row[0]: row[5] for row in late if row[0] not in spared}, day=day, at=at)
    for consumer_id, market, brand, classes, days, since, ruled in late:
        need = judged.get(consumer_id)
        setting = in_force(market, brand, *([need.need] if need and need.arm != Arm.TABLE else []), *classes)
        if setting is None:
            continue
        taken = [(one.number if one.since == since else 0, one.day) for one in before[consumer_id]]
        step = next_step(steps_in(setting.value), days=days, apart=setting.value["apart_days"], taken=taken, today=day)
        if step is not None:
            # Who told of a hard situation is never written to in a firm tone, whatever rules and steps say.
            tone = FRIENDLY if consumer_id in cared else ruled or step.tone
            told = {"number": step.number, "days": days, "tone": tone, "by": step.by}
            told |= {"arm": need.arm, "need": need.need} if need else {}
            made.append(Reminder(consumer_id=consumer_id, since=since, day=day, at=at, **told))
    Reminder.objects.bulk_create(made, ignore_conflicts=True)
    # The close of another zone, in which the person has plans too, may have taken the step at the same moment.
    kept = Reminder.objects.filter(pk__in=[one.pk for one in made]).order_by("id")
    append_all((PersonReminded(reminder=one.public_id) for one in kept), at=at)
    return len(made)


def give_notices(*, plan_ids: Sequence[uuid.UUID], day: date, at: datetime) -> int:
    """Give the notices that the law demands of locked plans as of a closed day; return how many were given.

    One for which something waits, about payments that were all paid since, does not count for those that are late now.
    """
    markets = sorted({row.market_id for row in notice_rows()})
    late = rows(PLANS, {"plans": plain_array(plan_ids), "day": day, "markets": markets}) if markets else []
    given = _given([row[0] for row in late])
    made: list[LateNotice] = []
    in_force = cache(lambda market, kind: find_late_notice(market, kind, day))
    for plan_id, market, days, payments, minor, since, oldest, credit in late:
        for kind in LATE_NOTICES:
            setting = in_force(market, kind)
            if setting is None:
                continue
            known = [one for one in given[plan_id] if one.kind == kind and one.since == since]
            counting = [one for one in known if one.told_at or not may_come_again(known, at)]
            before = [one.day for one in counting if one.day > oldest or kind == LateNotice.ARREARS]
            if _is_due(setting.value, days, payments, minor, credit, before, day):
                told = {"days": setting.value["days"], "law": setting.value["law"], "number": len(known) + 1}
                made.append(LateNotice(plan_id=plan_id, kind=kind, since=since, day=day, at=at, **told))
    _issue(made, at)
    return len(made)


def _given(plan_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[LateNotice]]:
    """Return the notices of some plans, in their order; one query at most."""
    found: dict[uuid.UUID, list[LateNotice]] = defaultdict(list)
    for one in LateNotice.objects.filter(plan__in=plan_ids).order_by("id"):
        found[one.plan_id].append(one)
    return found


def _issue(made: Sequence[LateNotice], at: datetime) -> None:
    LateNotice.objects.bulk_create(made)
    append_all((LateNoticeIssued(notice=one.public_id) for one in made), at=at)


def give_before_hand_over(*, plans: Sequence[Plan], at: datetime) -> set[uuid.UUID]:
    """Return those of some locked plans that no agency may get yet, since their market's law wants their people told before.

    Who was not told yet is told now, so that their days begin.
    """
    waiting = waiting_for_notice([plan.pk for plan in plans], LateNotice.HAND_OVER, at)
    untold = [plan for plan in plans if plan.pk in waiting and waiting[plan.pk] is None]
    given, members = _given([plan.pk for plan in untold]), list_installments([plan.pk for plan in untold])
    made: list[LateNotice] = []
    for plan in untold:
        today = local_date(at, plan.time_zone)
        setting = find_late_notice(plan.product.market_id, LateNotice.HAND_OVER, today)
        since = min((row.due_date for row in members[plan.pk] if row.is_late(today)), default=None)
        mine = [one for one in given[plan.pk] if one.kind == LateNotice.HAND_OVER]
        known = [one for one in mine if one.since == since]
        if setting is None or since is None or not may_come_again(mine, at):
            continue
        told = {"days": setting.value["days"], "law": setting.value["law"], "number": len(known) + 1}
        made.append(LateNotice(plan=plan, kind=LateNotice.HAND_OVER, since=since, day=today, at=at, **told))
    _issue(made, at)
    return set(waiting)


def _is_due(value: dict[str, int], days: int, payments: int, minor: int, credit: int, before: Sequence[date], day: date) -> bool:
    """Return whether a notice is due for a plan that is late for some days, by so many payments, with `minor` of its credit open."""
    if days < value["from_days"] or payments < value["payments"] or minor * 10_000 < value.get("share_bps", 0) * credit:
        return False
    return not before or ("again_days" in value and (day - before[-1]).days >= value["again_days"])


def note_told(*, notices: Collection[uuid.UUID], at: datetime) -> None:
    """Note that the letters of some notices were sent: their days begin."""
    if notices:
        LateNotice.objects.filter(pk__in=notices, told_at=None).update(told_at=at)
