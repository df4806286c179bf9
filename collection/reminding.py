"""Steps of reminding who is late, and the notices for which what follows waits: by each market's dated settings."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from collection.errors import NoticeFirst
from collection.models import LateNotice, Reminder
from core.clock import local_date
from core.moments import day_words
from core.sentences import Sentence
from markets.catalog import STEP_PARTS
from markets.queries import find_late_notice
from plans.models import Plan
from plans.queries import by_date, installments_of


@dataclass(frozen=True, slots=True)
class Step:
    """A step of reminding: its place in the setting from 1 on, from how many days late on it is taken, and its tone."""

    number: int
    days: int
    tone: str


def steps_in(value: Mapping[str, Any]) -> list[Step]:
    """Return the steps of a setting, in their order."""
    named = [(name, value.get(f"{name}_days")) for name in STEP_PARTS]
    return [Step(number, days, value[f"{name}_tone"]) for number, (name, days) in enumerate(named, 1) if days is not None]


def next_step(steps: Sequence[Step], *, days: int, apart: int, taken: Sequence[tuple[int, date]], today: date) -> Step | None:
    """Return the step that is due for a person who is `days` days late, or None.

    `taken` are the numbers and days of those that were taken since they became late. Steps that were missed are left out: only the last
    one that is due is taken, and none within `apart` days of another.
    """
    due = [step for step in steps if step.days <= days and step.number > max((number for number, _day in taken), default=0)]
    if not due or any(today - day < timedelta(days=apart) for _number, day in taken):
        return None
    return due[-1]


def check_notice(plan: Plan, kind: str, today: date) -> None:
    """Refuse what follows a notice (`NoticeFirst`) until the notice that the plan's market demands was told, and its days are over."""
    if find_late_notice(plan.product.market_id, kind, today) is None:
        return
    late = by_date(row for row in installments_of(plan) if row.is_late(today))
    told = _told(plan, kind, late[0].due_date) if late else None
    if told is None or told.told_at is None:
        raise NoticeFirst("The person has not been told yet, as the law demands before this. It is told at a close of day.")
    until = local_date(told.told_at, plan.time_zone) + timedelta(days=told.days)
    if today <= until:
        raise NoticeFirst(Sentence("The person was told, and has until the end of %(day)s to pay.", day=day_words(until)))


def _told(plan: Plan, kind: str, since: date) -> LateNotice | None:
    """Return the newest notice of a kind that was told since what is late became late."""
    return LateNotice.objects.filter(plan=plan, kind=kind, day__gt=since, told_at__isnull=False).order_by("-id").first()


def waiting_for_notice(plan_ids: Collection[uuid.UUID], kind: str, at: datetime) -> set[uuid.UUID]:
    """Return those of some plans for which what follows a notice of a kind may not happen yet."""
    return {plan.pk for plan in Plan.objects.filter(pk__in=plan_ids).select_related("product") if not _may_follow(plan, kind, at)}


def _may_follow(plan: Plan, kind: str, at: datetime) -> bool:
    try:
        check_notice(plan, kind, local_date(at, plan.time_zone))
    except NoticeFirst:
        return False
    return True


def list_reminders(consumer_id: uuid.UUID, *, limit: int = 20) -> list[Reminder]:
    """Return the steps that were taken to remind a consumer, the newest first."""
    return list(Reminder.objects.filter(consumer_id=consumer_id).order_by("-id")[:limit])


def list_late_notices(plan_ids: Collection[uuid.UUID], *, limit: int = 20) -> list[LateNotice]:
    """Return the notices that were given while some plans were late, the newest first."""
    return list(LateNotice.objects.filter(plan__in=plan_ids).order_by("-id")[:limit])
