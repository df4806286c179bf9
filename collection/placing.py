"""Which markets have debts placed with agencies each day, and how much an agency may get in a day."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Sum

from collection.models import Agency, Placement
from core.clock import day_begins, local_date
from markets.queries import get_market, list_in_force

SETTING = "agency.placing"
"""The market's setting that has debts placed each day; without it people place them."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How many debts an agency may get in a day, and how much may be open of them in minor units; None for no limit."""

    debts: int | None
    minor: int | None

    def cut(self, found: Mapping[uuid.UUID, int]) -> dict[uuid.UUID, int]:
        """Return the first of some debts, each with what is open of it, that stay within it; one that is too large is passed over."""
        taken, minor = dict[uuid.UUID, int](), 0
        for key, amount in found.items():
            if (self.debts is None or len(taken) < self.debts) and (self.minor is None or minor + amount <= self.minor):
                taken[key], minor = amount, minor + amount
        return taken


def find_budgets(at: datetime) -> dict[str, Budget]:
    """Return the markets in which debts are placed each day, each with what an agency may get; one query."""
    rows = list_in_force(SETTING, lambda market: local_date(at, get_market(market).time_zone))
    return {one.market_id: Budget(one.value.get("most_debts"), one.value.get("most_minor")) for one in rows if one.value["places"]}


def left_of(budget: Budget, agencies: Sequence[Agency], at: datetime) -> dict[uuid.UUID, Budget]:
    """Return what is left of a budget on the day of agencies of one market, by their keys; one query."""
    if not agencies:
        return {}
    zone = agencies[0].market.time_zone
    since = day_begins(local_date(at, zone), zone)
    told = Placement.objects.filter(agency__in=agencies, told_at__gte=since).values("agency").annotate(Count("id"), Sum("face_minor"))
    got = {one["agency"]: (one["id__count"], one["face_minor__sum"]) for one in told.order_by()}
    return {one.pk: _less(budget, *got.get(one.pk, (0, 0))) for one in agencies}


def _less(budget: Budget, debts: int, minor: int) -> Budget:
    return Budget(None if budget.debts is None else budget.debts - debts, None if budget.minor is None else budget.minor - minor)
