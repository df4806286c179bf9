"""Promises to pay: whether somebody may make one now, for how much and by when; a plan's history; how many were kept."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Sum

from collection.closing import find_by
from collection.models import Promise
from collection.settable import PROMISE_DAYS, PROMISES_AT_ONCE, PROMISES_BROKEN
from collection.states import PROMISE_DECIDED, PromiseStatus
from core.adjusting import value_of
from core.clock import local_date
from plans.models import Installment, Plan
from plans.standstill import in_respite
from plans.states import PlanStatus

_PROMISED = f"""
    SELECT w.plan_id FROM collection_promise w JOIN plans_plan p ON p.id = w.plan_id
    WHERE w.status = '{PromiseStatus.WAITING}' AND p.time_zone = %s AND w.plan_id > %s::uuid ORDER BY w.plan_id LIMIT %s"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Room:
    """What may be promised of a plan: why nothing (a key of `REFUSED_PROMISE`, else empty), at most how much, and in which days."""

    refused: str
    late_minor: int
    first: date
    last: date


def room_of(plan: Plan, members: Sequence[Installment], at: datetime) -> Room:
    """Return what may be promised of a plan now; four queries at most."""
    today = local_date(at, plan.time_zone)
    late = sum(row.open_minor for row in members if row.is_late(today))
    return Room(_refused(plan, members, late), late, today + timedelta(days=1), today + timedelta(days=value_of(PROMISE_DAYS)))


def _refused(plan: Plan, members: Sequence[Installment], late_minor: int) -> str:
    if plan.stopped_at is not None or plan.settling_until is not None:
        return "stopped" if plan.stopped_at is not None else "settling"
    if plan.status != PlanStatus.ACTIVE or not late_minor:
        return "not_late"
    if held := "under_way" if any(row.charge_id for row in members) else "respite" if in_respite([plan.consumer_id]) else "":
        return held
    made = Promise.objects.filter(plan__consumer_id=plan.consumer_id)
    waiting = list(made.filter(status=PromiseStatus.WAITING).values_list("plan_id", flat=True))
    if plan.pk in waiting:
        return "waiting"
    if len(waiting) >= value_of(PROMISES_AT_ONCE):
        return "too_many"
    most = value_of(PROMISES_BROKEN)
    last = list(made.filter(plan=plan, status__in=PROMISE_DECIDED).order_by("-id").values_list("status", flat=True)[:most])
    return "broken" if len(last) == most and PromiseStatus.KEPT not in last else ""


def list_promises(plan_id: uuid.UUID, *, limit: int = 50) -> list[Promise]:
    """Return the promises of a plan, the newest first."""
    return list(Promise.objects.filter(plan_id=plan_id).order_by("-id")[:limit])


def find_waiting(plan_id: uuid.UUID) -> Promise | None:
    """Return the promise of a plan that waits for its day, or None."""
    return Promise.objects.filter(plan_id=plan_id, status=PromiseStatus.WAITING).first()


def find_promised(*, zone: str, day: date, after: uuid.UUID | None, limit: int) -> Sequence[uuid.UUID]:
    """Return a zone's plans with a promise that waits, past a key, in order."""
    return find_by(_PROMISED, zone=zone, after=after, limit=limit)


@dataclass(frozen=True, slots=True)
class Kept:
    """How promises ended: how many of each outcome, what was promised and what was paid of it in minor units of a currency."""

    currency: str
    counts: dict[str, int]
    promised_minor: int
    paid_minor: int

    @property
    def rate_bps(self) -> int:
        """The share of decided promises that were kept in full, in basis points."""
        decided = sum(self.counts.get(status, 0) for status in PROMISE_DECIDED)
        return self.counts.get(PromiseStatus.KEPT, 0) * 10_000 // decided if decided else 0


def count_kept(*, market: str, since: datetime, brand: str = "", product: str = "") -> list[Kept]:
    """Return how the promises of a market that were decided since then ended, by currency; one query."""
    found = Promise.objects.filter(plan__product__market_id=market, decided_at__gte=since, status__in=PROMISE_DECIDED)
    found = found.filter(plan__consumer__brand_id=brand) if brand else found
    found = found.filter(plan__product__code=product) if product else found
    by_currency: dict[str, Kept] = {}
    summed = found.values_list("plan__currency", "status").annotate(Count("id"), Sum("amount_minor"), Sum("paid_minor"))
    for currency, status, count, promised, paid in summed.order_by("plan__currency"):
        before = by_currency.get(currency, Kept(currency, {}, 0, 0))
        counts = before.counts | {status: count}
        by_currency[currency] = Kept(currency, counts, before.promised_minor + promised, before.paid_minor + paid)
    return list(by_currency.values())
