"""Which plans wait for goods that are on their way back to the shop."""

import uuid
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from core.ids import parse_id
from markets.queries import find_return_days
from plans.hardship import free_of, open_of
from plans.models import GoodsReturn, Installment, Plan
from plans.rules.returns import DAYS
from plans.states import PlanStatus

KIND = "return"
"""The kind of the version of a schedule by which payments wait."""
ENDED = {"refund": "return_refunded", "denied": "return_denied", "kept": "return_kept", "time": "return_over"}
"""The kinds of what ends that, by what does."""


def days_in(market_code: str, on: date) -> int:
    """Return for how many days payments of a market wait, as of a day; 0 for never."""
    days = find_return_days(market_code, on)
    return DAYS if days is None else days


def find_return(plan_id: uuid.UUID) -> GoodsReturn | None:
    """Return the return of a plan, under way or ended, or None."""
    return GoodsReturn.objects.filter(plan=plan_id).first()


def shown_return(made: GoodsReturn | None, rows: Sequence[Installment] = ()) -> dict[str, Any] | None:
    """Return a return that is under way as people read it: parcel, price of a part or None, what of `rows` waits, last day; or None."""
    if made is None or made.ended_at is not None:
        return None
    waits = sum(row.open_minor for row in rows if row.status in Installment.OPEN and str(row.number) in made.dates)
    return {"tracking": made.tracking, "minor": made.amount_minor, "waits_minor": waits, "until": made.until}


def as_shops_read(made: GoodsReturn) -> dict[str, Any]:
    """Return a return as its shop reads it, with the day on which payments go on if nothing ends it before, and what ended it."""
    return {
        "id": made.public_id,
        "tracking": made.tracking,
        "amount": made.amount_minor,
        "until": made.until.isoformat(),
        "created_at": made.at,
        "ended_at": made.ended_at,
        "ended_by": made.ended_by or None,
        "reason": made.denial or None,
    }


def get_return(public_id: str) -> GoodsReturn:
    """Return a return by its public id."""
    return GoodsReturn.objects.get(pk=parse_id(GoodsReturn.PREFIX, public_id))


def why_no_return(plan: Plan, rows: Sequence[Installment], had: GoodsReturn | None, today: date) -> str:
    """Return why a person cannot say now that they sent the goods back (`used`, `closed`, `under_way`), or an empty text."""
    if had is not None:
        return "used"
    stands = plan.stopped_at is None and plan.repay_by is None and plan.settling_until is None
    if plan.status != PlanStatus.ACTIVE or not stands or not open_of(rows) or not days_in(plan.product.market_id, today):
        return "closed"
    return "" if free_of(rows) else "under_way"


def returning_among(plan_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return those of some plans that wait as a whole for a return; one query."""
    return set(GoodsReturn.objects.filter(plan__in=plan_ids, ended_at=None, amount_minor=None).values_list("plan", flat=True))


def find_over(*, zone: str, day: date, after: uuid.UUID | None, limit: int) -> list[uuid.UUID]:
    """Return plans of a time zone whose return is over by the end of a day, past a key, in order; one query."""
    found = GoodsReturn.objects.filter(ended_at=None, until__lte=day, plan__time_zone=zone, plan__gt=after or uuid.UUID(int=0))
    return list(found.order_by("plan").values_list("plan", flat=True)[:limit])
