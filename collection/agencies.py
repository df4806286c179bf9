"""Reads of agencies: contracts, who has which debt, and the lines of an agency's file."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from checkout.models import Order
from collection.models import Agency, Placement
from core.arrays import plain_array
from core.clock import local_date
from core.db import rows
from plans.sales import open_minor_of
from plans.standstill import standing_still

ACTIVE_CAUSES = ("uncollectible", "by_day", "uneconomic")
"""The causes of a charge-off after which an agency may still collect."""
_PLACED = "SELECT plan_id FROM collection_placement WHERE plan_id = ANY(%s::uuid[]) AND recalled_at IS NULL"


def list_placed(plan_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Return those of some plans that an agency has, or will have; one query."""
    return {key for (key,) in rows(_PLACED, [plain_array(plan_ids)])}


def find_placement(plan_id: uuid.UUID) -> Placement | None:
    """Return which agency has a plan, or will have it; None if none."""
    return Placement.objects.select_related("agency").filter(plan_id=plan_id, recalled_at=None).first()


def lines_of(agency: Agency, on: date) -> Iterator[dict[str, Any]]:
    """Yield what an agency's file says on a day: each debt that it has, with its person, and each that was recalled, without.

    A debt that was recalled before the agency got it is left out. Amounts are in minor units and as they are now. Erased people have no
    name, nor have those for whom collecting stands still: their debts are recalled here at once, and in our books by the close of the day.
    """
    placed = agency.placements.filter(placed_on__lte=on).select_related("plan__consumer").order_by("id")
    found = [one for one in placed if not one.recalled_at or local_date(one.recalled_at, agency.market.time_zone) >= one.placed_on]
    keys = [one.plan_id for one in found]
    opened = open_minor_of(keys)
    still = standing_still({one.plan.consumer_id for one in found})
    orders = {one.plan_id: one for one in Order.objects.filter(plan_id__in=keys).select_related("merchant")}
    for one in found:
        plan, person = one.plan, one.plan.consumer
        is_here = _is_here(one) and plan.consumer_id not in still
        shown = is_here and not person.is_erased
        yield {
            "placement": one.public_id,
            "status": "placed" if is_here else "recalled",
            "cause": one.recall_cause or ("" if is_here else _cause_of(one)),
            "account": plan.public_id,
            "shop": orders[plan.id].merchant.name if plan.id in orders else "",
            "currency": plan.currency,
            "placed_minor": one.face_minor,
            "open_minor": opened.get(plan.id, 0) if is_here else 0,
            "placed_on": one.placed_on.isoformat(),
            "name": (person.name or "") if shown else "",
            "email": (person.email or "") if shown else "",
            "phone": (person.phone or "") if shown else "",
            "language": person.language if shown else "",
            "time_zone": plan.time_zone if shown else "",
        }


def _is_here(one: Placement) -> bool:
    """Return whether an agency still has a debt; what was paid or sold today is recalled by the close of the day."""
    return one.recalled_at is None and one.plan.is_charged_off and one.plan.sold_at is None


def _cause_of(one: Placement) -> str:
    if not one.plan.is_charged_off:
        return Placement.PAID
    return Placement.SOLD if one.plan.sold_at else Placement.STILL
