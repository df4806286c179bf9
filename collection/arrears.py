"""How late plans are as of closed days: each plan's history, and what rolled from which bucket to which in a span of days."""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max, Min, Sum

from collection.models import Arrears, RolledDay
from plans.late import late_or
from plans.rules.arrears import BUCKETS, CURRENT, LEAST_DAYS, WORST
from plans.states import InstallmentStatus, PlanStatus

NAMES = tuple(LEAST_DAYS)
"""All buckets, from current to the worst."""
BUCKET_OF = "CASE " + " ".join(f"WHEN {{0}} <= {upto} THEN '{name}'" for upto, name in BUCKETS) + f" ELSE '{WORST}' END"
"""SQL: the bucket of a number of days past due, which is put in with `format`."""
CREDIT = "i.principal_minor + i.interest_minor - i.paid_principal_minor - i.paid_interest_minor"
"""SQL: what is open of an installment `i` without its fees, in minor units."""
DAYS = "greatest(1, %(day)s - i.due_date - i.paused_days)"
"""SQL: how many days a late installment `i` is past due by a day."""
LATE = f"""p.status = '{PlanStatus.ACTIVE}' AND i.status = '{InstallmentStatus.OVERDUE}' AND i.due_date < %(day)s AND {CREDIT} > 0"""
"""SQL: whether an installment `i` of a plan `p` is late by a day. A fee alone is no arrears."""
_NOTED = """
    SELECT a.plan_id FROM collection_arrears a JOIN plans_plan p ON p.id = a.plan_id
    WHERE a.until IS NULL AND p.time_zone = %s AND a.plan_id > %s::uuid ORDER BY a.plan_id LIMIT %s"""


def find_late_or_noted(*, zone: str, day: date, after: uuid.UUID | None, limit: int) -> Sequence[uuid.UUID]:
    """Return a zone's plans that are late by a day or were noted as late, past a key, in order; two queries."""
    return late_or(_NOTED, zone=zone, day=day, after=after, limit=limit)


def list_arrears(plan_id: uuid.UUID, *, limit: int = 100) -> list[Arrears]:
    """Return a plan's history of buckets, the newest first."""
    return list(Arrears.objects.filter(plan_id=plan_id).order_by("-since")[:limit])


@dataclass(frozen=True, slots=True)
class Roll:
    """Plans that went from one bucket to another in a span of days: how many, their late money in minor units, and their share.

    The share is in basis points of the plans that were in the first bucket when the span began, or came into it.
    """

    source: str
    target: str
    plans: int
    late_minor: int
    share_bps: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """The rolls of a span of days in one currency, by source and target; `began`, `stayed` and `now` are counts of plans by bucket.

    `began` counts those that were in a bucket when the span began or came into it, `stayed` those of them that had not gone to another by
    its end, whether they were paid off or not, and `now` those that are in it at the end of the last day.
    """

    currency: str
    first: date
    last: date
    rolls: dict[tuple[str, str], Roll]
    began: dict[str, int]
    stayed: dict[str, int]
    now: dict[str, int]
    late_minor: dict[str, int]


def matrix_of(moves: Iterable[tuple[date, str, str, int, int]], currency: str, first: date, last: date) -> Matrix:
    """Return the matrix of daily moves: day, source, target, plans, late money of them; those of no move are from a bucket to itself.

    `late_minor` is the late money by bucket at the end of the last day.
    """
    began, left, now, late = (dict.fromkeys(NAMES, 0) for _ in range(4))
    in_time, still_in_time = Counter[date](), Counter[date]()
    summed: dict[tuple[str, str], tuple[int, int]] = {}
    for day, source, target, plans, minor in moves:
        if day == first:
            began[source] += plans
        if day == last:
            now[target] += plans
            late[target] += minor if target != CURRENT else 0
        in_time[day] += plans if source == CURRENT else 0
        still_in_time[day + timedelta(days=1)] += plans if target == CURRENT else 0
        if source != target:
            began[target] += plans
            left[source] += plans
            before = summed.get((source, target), (0, 0))
            summed[source, target] = (before[0] + plans, before[1] + minor)
    # A new plan is no move: it is in time on a day without having been so at the end of the day before. Those that are paid off in time on
    # the same day cannot be told apart from it.
    began[CURRENT] += sum(max(0, plans - still_in_time[day]) for day, plans in in_time.items() if day > first)
    rolls = {
        (source, target): Roll(source, target, plans, minor, plans * 10_000 // began[source] if began[source] else 0)
        for (source, target), (plans, minor) in summed.items()
    }
    return Matrix(currency, first, last, rolls, began, {name: began[name] - left[name] for name in NAMES}, now, late)


def list_matrices(*, market: str, days: int, brand: str = "", product: str = "") -> list[Matrix]:
    """Return what rolled in the last closed days of a market, one matrix a currency; two queries."""
    found = RolledDay.objects.filter(market=market, **({"brand": brand} if brand else {}), **({"product": product} if product else {}))
    ends = found.aggregate(first=Min("day"), last=Max("day"))
    if ends["last"] is None:
        return []
    first = max(ends["first"], date.fromordinal(ends["last"].toordinal() - days + 1))
    counted = found.filter(day__gte=first).values_list("currency", "day", "source", "target")
    by_currency: dict[str, list[tuple[date, str, str, int, int]]] = {}
    for currency, *move, plans, minor in counted.annotate(n=Sum("plans"), minor=Sum("late_minor")).order_by("currency"):
        by_currency.setdefault(currency, []).append((*move, plans, minor))
    return [matrix_of(moves, currency, first, ends["last"]) for currency, moves in by_currency.items()]
