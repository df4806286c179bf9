"""The steps of the close of day, in their order, and which days are still to be closed.

Each day of each time zone in which people have plans is closed once, after it has ended there. A step is a service that looks at plans as
of that day: `fn(*, plan_ids, day, at) -> int` gets the keys of up to `collection.services.closing.CHUNK` locked plans of the zone and
returns how many it changed. A step without a query is called once: `fn(*, zone, day, at) -> int`. It runs in the transaction that stores
how far the close has come, so that it happens once for each plan of a day, wherever the process dies. It says what holds by the end of
`day`, not what changed on it: a plan that was moved to another zone, or was paid while the close was late, is then seen as it is. No step
calls the outside world.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from collection.models import ClosedDay
from core.clock import local_date
from core.db import rows
from plans.late import list_late_plans


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a close: its name in `ClosedDay.done`, its title, its service and the query that finds its plans (dotted paths).

    The query is `fn(*, zone, day, after, limit) -> list[UUID]`: plans past a key, in the order of their keys; empty for a step that looks
    at the zone as a whole.
    """

    name: str
    title: str | Promise
    service: str
    find: str = "collection.closing.find_late"


STEPS: list[Step] = [
    # Before anything is late or costs something.
    Step("areas", _("Payments paused in disaster areas"), "plans.services.pause_newcomers", "plans.areas.find_newcomers"),
    Step("returns", _("Returns that are over"), "plans.services.end_returns", "plans.returns.find_over"),
    Step("respites", _("Breathing spaces that are over"), "plans.services.end_respites", find=""),
    # Before what a waiting promise keeps away.
    Step("promises", _("Promises to pay"), "collection.services.promises.decide_promises", "collection.promises.find_promised"),
    Step(
        "settlements",
        _("Settlements for less"),
        "collection.services.settling.close_settlements",
        "collection.settling.find_plans_settling",
    ),
    Step("fees", _("Fees of who pays late"), "plans.services.close_fees", "plans.late.find_to_close"),
    Step("reminders", _("Reminders of who is late"), "collection.services.reminding.take_steps"),
    Step("notices", _("Notices to who is late"), "collection.services.reminding.give_notices"),
    Step("given_up", _("Plans that are given up"), "collection.services.giving_up.charge_off_by_day", "plans.late.find_lost"),
    Step("arrears", _("Arrears"), "collection.services.arrears.note_arrears", "collection.arrears.find_late_or_noted"),
    Step(
        "behavior",
        _("Accounts of late people"),
        "collection.services.behaving.note_moved",
        "collection.behaving.find_late_or_behaving",
    ),
    Step("cases", _("Late people"), "collection.services.cases.keep_cases", "collection.cases.find_for_cases"),
    Step("lapsed", _("Late payments of a year ago"), "plans.services.tell_lapsed", find=""),
    Step("agencies", _("Debts that agencies have no more"), "collection.services.recalling.recall_ended", find=""),
    # After what was given up and what came back today.
    Step("placing", _("Debts placed with agencies"), "collection.services.choosing.place_daily", find=""),
    Step("current", _("Plans that are current"), "collection.services.arrears.count_current", find=""),
]
"""All steps, in the order in which they run; a day that is under way when a step is added runs it too."""

# The zones of all plans, read from the index by its distinct values, each with its last close.
_LAST = """
    WITH RECURSIVE zone (name) AS (
        (SELECT time_zone FROM plans_plan ORDER BY time_zone LIMIT 1)
        UNION ALL
        SELECT (SELECT p.time_zone FROM plans_plan p WHERE p.time_zone > zone.name ORDER BY p.time_zone LIMIT 1)
        FROM zone WHERE zone.name IS NOT NULL)
    SELECT zone.name, last.day FROM zone LEFT JOIN LATERAL (
        SELECT c.* FROM collection_closedday c WHERE c.zone = zone.name ORDER BY c.day DESC LIMIT 1) last ON true
    WHERE zone.name IS NOT NULL"""
_ZONES = f"{_LAST} AND (last.day IS NULL OR last.closed_at IS NULL OR last.day < (%(at)s AT TIME ZONE zone.name)::date - 1)"
DAYS_ENDED = f"EXISTS ({_ZONES})"
"""SQL: whether a day has ended in some zone and is not closed."""


def open_on(day: str) -> str:
    """Return SQL: the zones that have not closed a day, which is SQL itself, with their last close."""
    return f"{_LAST} AND (last.day IS NULL OR last.day < {day} OR (last.day = {day} AND last.closed_at IS NULL))"


SLOW = timedelta(hours=1)
"""A close that is not done so long after it could begin counts as stuck, with or without a fault."""
_STUCK = f"{_ZONES} AND last.day IS NOT NULL AND (last.closed_at IS NOT NULL OR last.fault <> '' OR last.opened_at < %(at)s)"


def list_zones_behind(at: datetime) -> list[str]:
    """Return the time zones with a day that has ended and is not closed; one query."""
    return [zone for zone, _ in rows(_ZONES + " ORDER BY last.day NULLS FIRST, zone.name", {"at": at})]


def count_stuck(at: datetime) -> int:
    """Return in how many time zones the close of day has not come on for an hour, or has failed; one query."""
    return len(rows(_STUCK, {"at": at - SLOW}))


def find_next(zone: str, at: datetime) -> ClosedDay | None:
    """Return the close of a zone that is to go on, or a new one of the day after the last, not stored yet; None if no such day has ended.

    The first close of a zone is of yesterday.
    """
    ended = local_date(at, zone) - timedelta(days=1)
    last = ClosedDay.objects.filter(zone=zone).order_by("-day").first()
    if last is not None and last.closed_at is None:
        return last
    day = ended if last is None else last.day + timedelta(days=1)
    return ClosedDay(zone=zone, day=day, opened_at=at) if day <= ended else None


def next_step(closing: ClosedDay) -> Step | None:
    """Return the first step that a close has not finished; None after the last."""
    return next((step for step in STEPS if step.name not in closing.done), None)


def find_late(*, zone: str, day: date, after: uuid.UUID | None, limit: int) -> Sequence[uuid.UUID]:
    """Return plans of a zone with a payment that was due before a day and is late, past a key."""
    return list_late_plans(zone=zone, before=day, after=after, limit=limit)


def find_by(statement: str, *, zone: str, after: uuid.UUID | None, limit: int) -> list[uuid.UUID]:
    """Return the plans of a zone that a statement finds past a key; its parameters are the zone, the key and how many at most."""
    return [key for (key,) in rows(statement, [zone, str(after or uuid.UUID(int=0)), limit])]
