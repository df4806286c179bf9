"""Which plans a disaster area holds, and which are paused for it."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import Consumer
from core.clock import local_date
from core.db import rows
from core.ids import parse_id
from core.states import words
from core.unreadable import Unreadable, listing
from markets.models import Market
from markets.queries import find_setting
from plans.models import AreaPause, DisasterArea, Installment, Plan
from plans.queries import list_installments
from plans.rules.areas import is_within
from plans.states import INSTALLMENT_OPEN, PlanStatus

KIND, ENDED = "area", "area_ended"
"""The kinds of the versions of a schedule by which a plan is paused, and goes on as before."""
AREAS_WAIT = "EXISTS (SELECT 1 FROM plans_disasterarea WHERE done_at IS NULL)"
"""SQL: whether plans are still to be looked at for an area."""
CHUNK = 200
MOST_COUNTED = 20_000
"""Plans that a preview looks at, the newest ones."""


@dataclass(slots=True)
class Hit:
    """What an area would pause: plans, people, and what is open in minor units; `is_part` where not all were looked at."""

    plans: int = 0
    people: set[uuid.UUID] = field(default_factory=set)
    open_minor: int = 0
    is_part: bool = False


def living_in(consumer_ids: Collection[uuid.UUID], entries: Sequence[str]) -> set[uuid.UUID]:
    """Return which of some people live in an area, by the address of their account; without those whose address cannot be read."""
    with listing():
        found = list(Consumer.objects.filter(pk__in=consumer_ids).only("id", "address"))
        return {one.pk for one in found if is_within(_code_of(one), entries)}


def _code_of(consumer: Consumer) -> str:
    address = consumer.address
    return "" if not address or isinstance(address, Unreadable) else str(address.get("postal_code") or "")


def list_next(area: DisasterArea, after: uuid.UUID | None) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Return the next active plans of an area's market past a key, in order, each with its consumer."""
    found = Plan.objects.filter(product__market=area.market_id, status=PlanStatus.ACTIVE, id__gt=after or uuid.UUID(int=0))
    return list(found.order_by("id").values_list("id", "consumer_id")[:CHUNK])


def count_hit(market: Market, entries: Sequence[str]) -> Hit:
    """Return what an area would pause now, for people to see before they propose it; some statements for each 200 plans."""
    hit, looked, last = Hit(), 0, None
    while looked < MOST_COUNTED:
        found = Plan.objects.filter(product__market=market, status=PlanStatus.ACTIVE)
        page = list((found.filter(id__lt=last) if last else found).order_by("-id").values_list("id", "consumer_id")[:CHUNK])
        if not page:
            return hit
        living = living_in({consumer for _plan, consumer in page}, entries)
        members = list_installments([plan for plan, consumer in page if consumer in living])
        for plan, consumer in page:
            if consumer in living:
                hit.plans += 1
                hit.people.add(consumer)
                hit.open_minor += sum(row.open_minor for row in members[plan] if row.status in Installment.OPEN)
        looked, last = looked + len(page), page[-1][0]
    hit.is_part = True
    return hit


def get_pause(public_id: str) -> AreaPause:
    """Return a pause with its area."""
    return AreaPause.objects.select_related("area").get(pk=parse_id(AreaPause.PREFIX, public_id))


def running_in(market_code: str, today: date) -> list[DisasterArea]:
    """Return the areas of a market whose pause has not ended, oldest first."""
    return list(DisasterArea.objects.filter(market=market_code, until__gte=today).order_by("id"))


def list_pauses(plan_id: uuid.UUID, today: date) -> list[AreaPause]:
    """Return the pauses of a plan that hold on a day, with their areas, oldest first; one query."""
    found = AreaPause.objects.filter(plan=plan_id, ended_at=None, area__until__gte=today).exclude(dates={})
    return list(found.select_related("area").order_by("id"))


def shown_areas(pauses: Iterable[AreaPause]) -> list[dict[str, Any]]:
    """Return the areas of pauses as people read them: name, text and last day, each once."""
    return list({one.area_id: {"name": one.area.name, "text": one.area.text, "until": one.area.until} for one in pauses}.values())


def paused_among(plan_ids: Collection[uuid.UUID], at: datetime) -> set[uuid.UUID]:
    """Return those of some plans that are paused for an area at a moment; one query."""
    found = AreaPause.objects.filter(plan__in=plan_ids, ended_at=None, area__until__gte=at.date()).exclude(dates={})
    return {one.plan_id for one in found.select_related("plan", "area") if one.area.until >= local_date(at, one.plan.time_zone)}


def held_in_areas(plan_ids: Collection[uuid.UUID], at: datetime) -> set[uuid.UUID]:
    """Return those of some plans, in whatever state, whose people live in an area of their market whose pause has not ended.

    Without those whose person wanted to go on as before. One query; two more where an area is paused, and one for each.
    """
    # By the date of the earliest zone; which day it is at a person's place is looked at below.
    areas = list(DisasterArea.objects.filter(until__gte=at.date() - timedelta(days=1)))
    if not areas or not plan_ids:
        return set()
    told = Plan.objects.filter(pk__in=plan_ids).values_list("pk", "consumer_id", "time_zone", "product__market_id")
    over = set(AreaPause.objects.filter(plan__in=plan_ids, ended_at__isnull=False).values_list("plan_id", "area_id"))
    found = set[uuid.UUID]()
    plans = list(told)
    for area in areas:
        mine = [(plan, who) for plan, who, zone, market in plans if market == area.market_id and local_date(at, zone) <= area.until]
        living = living_in({who for _plan, who in mine}, area.codes) if mine else set()
        found |= {plan for plan, who in mine if who in living and (plan, area.pk) not in over}
    return found


def reminder_days(market_code: str, on: date) -> int:
    """Return how many days before a payment people of a market are reminded of it, by its setting."""
    setting = find_setting(market_code, "reminder.before_days", on)
    return int(setting.value) if setting else 0


# Only plans of people who bought, shipped or changed something since: those who lived there were found when it was declared.
_NEWCOMERS = f"""
    SELECT DISTINCT p.id FROM plans_plan p JOIN plans_product r ON r.id = p.product_id
    JOIN plans_disasterarea d ON d.market_id = r.market_id AND d.until >= %(day)s
    WHERE p.time_zone = %(zone)s AND p.id > %(after)s::uuid AND p.status = '{PlanStatus.ACTIVE}'
        AND (p.created_at >= d.at OR EXISTS (SELECT 1 FROM plans_areapause a WHERE a.plan_id = p.id AND a.area_id = d.id)
            OR EXISTS (SELECT 1 FROM accounts_consumerchange c WHERE c.consumer_id = p.consumer_id AND c.at >= d.at))
        AND NOT EXISTS (SELECT 1 FROM plans_areapause a WHERE a.plan_id = p.id AND a.area_id = d.id AND a.ended_at IS NOT NULL)
        AND EXISTS (
            SELECT 1 FROM plans_installment i
            WHERE i.plan_id = p.id AND i.charge_id IS NULL AND i.status IN ({words(INSTALLMENT_OPEN)}) AND NOT EXISTS (
                SELECT 1 FROM plans_areapause a
                WHERE a.plan_id = p.id AND a.area_id = d.id AND jsonb_exists(a.dates, i.number::text)))
    ORDER BY p.id LIMIT %(limit)s"""  # noqa: S608  (words of our own)


def find_newcomers(*, zone: str, day: date, after: uuid.UUID | None, limit: int) -> list[uuid.UUID]:
    """Return plans of a time zone that may have come into an area since it was declared, past a key, in order; two queries."""
    if not DisasterArea.objects.filter(until__gte=day).exists():
        return []
    told = {"zone": zone, "day": day, "after": str(after or uuid.UUID(int=0)), "limit": limit}
    return [key for (key,) in rows(_NEWCOMERS, told)]


def lock_area() -> DisasterArea | None:
    """Lock an area of which plans are still to be looked at, which nobody else holds, and return it; None without."""
    found = DisasterArea.objects.select_for_update(skip_locked=True, of=("self",)).select_related("market").filter(done_at=None)
    return found.order_by("id").first()
