"""Steps of reminding who is late, and the notices for which what follows waits: by each market's dated settings."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from collection.errors import NoticeFirst
from collection.models import LateNotice, Reminder
from core.clock import local_date
from core.moments import day_words
from core.sentences import Sentence
from markets.catalog_steps import STEP_PARTS
from markets.queries import find_late_notice
from plans.models import Installment, Plan
from plans.queries import installments_of, list_installments


@dataclass(frozen=True, slots=True)
class Step:
    """A step of reminding: its place in the setting from 1 on, from how many days late on it is taken, its tone, and how it is sent.

    `by` is `sms` (else e-mail), `inbox` (nothing else), or `email` or empty (else SMS).
    """

    number: int
    days: int
    tone: str
    by: str = ""


def steps_in(value: Mapping[str, Any]) -> list[Step]:
    """Return the steps of a setting, in their order."""
    named = [(name, value.get(f"{name}_days")) for name in STEP_PARTS]
    return [
        Step(number, days, value[f"{name}_tone"], value.get(f"{name}_by", ""))
        for number, (name, days) in enumerate(named, 1)
        if days is not None
    ]


def next_step(steps: Sequence[Step], *, days: int, apart: int, taken: Sequence[tuple[int, date]], today: date) -> Step | None:
    """Return the step that is due for a person who is `days` days late, or None.

    `taken` are the numbers and days of those that were taken since they became late; those of before have the number 0. Steps that were
    missed are left out: only the last one that is due is taken, and none within `apart` days of another.
    """
    due = [step for step in steps if step.days <= days and step.number > max((number for number, _day in taken), default=0)]
    if not due or any(today - day < timedelta(days=apart) for _number, day in taken):
        return None
    return due[-1]


def again_after(untold: int) -> timedelta:
    """Return after how long a notice is given again, of which so many were not told since: a week, then twice as long each time.

    It was dropped as a payment was under way, could not be delivered, or waits to be posted; at most eight weeks.
    """
    return timedelta(weeks=min(8, 2 ** (untold - 1)))


def may_come_again(known: Sequence[LateNotice], at: datetime) -> bool:
    """Return whether a notice may be given once more, as the last of those known (in their order) was not told for long enough."""
    untold = [one for one in known if one.told_at is None]
    return not untold or at - untold[-1].at >= again_after(len(untold))


def check_notice(plan: Plan, kind: str, today: date) -> None:
    """Refuse what follows a notice (`NoticeFirst`) until the notice that the plan's market demands was told, and its days are over."""
    if find_late_notice(plan.product.market_id, kind, today) is None:
        return
    until = _until(plan, installments_of(plan), _told([plan.pk], kind)[plan.pk], today)
    if until is None:
        raise NoticeFirst("The person has not been told yet, as the law demands before this. It is told at a close of day.")
    if today <= until:
        raise NoticeFirst(Sentence("The person was told, and has until the end of %(day)s to pay.", day=day_words(until)))


def waiting_for_notice(plan_ids: Collection[uuid.UUID], kind: str, at: datetime) -> dict[uuid.UUID, date | None]:
    """Return those of some plans for which what follows a notice of a kind may not happen yet; at most three queries.

    Each comes with the last day that its person has to pay, or None where the person was not told yet.
    """
    found: dict[uuid.UUID, tuple[Plan, date]] = {}
    for plan in Plan.objects.filter(pk__in=plan_ids).select_related("product").defer("agreement", "agreement_before"):
        today = local_date(at, plan.time_zone)
        if find_late_notice(plan.product.market_id, kind, today) is not None:
            found[plan.pk] = plan, today
    if not found:
        return {}
    members, told = list_installments(found), _told(found, kind)
    ends = {key: _until(plan, members[key], told[key], today) for key, (plan, today) in found.items()}
    return {key: until for key, until in ends.items() if until is None or found[key][1] <= until}


def _told(plan_ids: Collection[uuid.UUID], kind: str) -> dict[uuid.UUID, list[LateNotice]]:
    """Return the notices of a kind that were told, by plan, the newest first; one query."""
    found: dict[uuid.UUID, list[LateNotice]] = defaultdict(list)
    for one in LateNotice.objects.filter(plan__in=plan_ids, kind=kind, told_at__isnull=False).order_by("-id"):
        found[one.plan_id].append(one)
    return found


def _until(plan: Plan, members: Sequence[Installment], told: Sequence[LateNotice], today: date) -> date | None:
    """Return the last day to pay by the newest notice that was told since what is late now became late; None without one."""
    since = min((row.due_date for row in members if row.is_late(today)), default=None)
    newest = next((one for one in told if since is not None and one.day > since), None)
    if newest is None or newest.told_at is None:
        return None
    return local_date(newest.told_at, plan.time_zone) + timedelta(days=newest.days)


def list_reminders(consumer_id: uuid.UUID, *, limit: int = 20) -> list[Reminder]:
    """Return the steps that were taken to remind a consumer, the newest first."""
    return list(Reminder.objects.filter(consumer_id=consumer_id).order_by("-id")[:limit])


def list_late_notices(plan_ids: Collection[uuid.UUID], *, limit: int = 20) -> list[LateNotice]:
    """Return the notices that were given while some plans were late, the newest first."""
    return list(LateNotice.objects.filter(plan__in=plan_ids).order_by("-id")[:limit])
