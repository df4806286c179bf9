"""Debts placed over all agencies of a market at once: which agency gets which, and what that comes to."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from collection.agencies import list_placed
from collection.allotting import Bidder, allot
from collection.conduct import conduct_of, list_held
from collection.contacting import kept_with_us
from collection.held import why_held
from collection.models import Agency, Placement
from collection.queries import lock_agencies
from collection.services.agencies import MAY_MANAGE, choice_of, place_with
from core.db import unit
from core.errors import require
from markets.queries import get_market
from plans.models import Plan
from plans.queries import lock_plans
from plans.sales import list_to_sell


@dataclass(frozen=True, slots=True)
class Lot:
    """What an agency would get now: its debts, with what is open of each in minor units, its score, and what it leaves us of 10,000."""

    agency: Agency
    debts: dict[uuid.UUID, int]
    score: int

    @property
    def total_minor(self) -> int:
        """What is open of all its debts."""
        return sum(self.debts.values())


def lots_of(market: str, at: datetime) -> list[Lot]:
    """Return what each agency of a market that gets debts would get now, without those that get nothing new.

    Not the same agency twice for one plan. Notices that must come before are not looked at: those debts wait when they are placed.
    """
    opened = Agency.objects.filter(market=get_market(market), stopped_at=None).select_related("market").order_by("id")
    return _lots(list(opened), at)


def _lots(agencies: Sequence[Agency], at: datetime) -> list[Lot]:
    held = list_held([one.pk for one in agencies])
    able = [one for one in agencies if one.stopped_at is None and one.pk not in held]
    conduct = conduct_of(able, at)
    takes = {one.pk: dict(list_to_sell(choice_of(one, at))) for one in able}
    minors = {key: minor for found in takes.values() for key, minor in found.items()}
    plans = list(Plan.objects.filter(pk__in=minors).defer("agreement", "agreement_before"))
    gone = {*list_placed(list(minors)), *kept_with_us(list(minors)), *why_held(plans, at)}
    before = set(Placement.objects.filter(plan__in=minors).values_list("agency_id", "plan_id"))
    fitting = {
        str(key): [str(one.pk) for one in able if key in takes[one.pk] and (one.pk, key) not in before] for key in minors if key not in gone
    }
    bidders = [Bidder(str(one.pk), one.rate_bps, conduct[one.pk].score) for one in able]
    found = allot([(key, minors[uuid.UUID(key)]) for key in fitting], fitting, bidders)
    mine = {one.pk: {uuid.UUID(key): minors[uuid.UUID(key)] for key, who in found.items() if who == str(one.pk)} for one in able}
    return [Lot(one, mine[one.pk], conduct[one.pk].score) for one in able]


def place_all(*, market: str, user: User, at: datetime) -> int:
    """Place what was given up in a market over all its agencies, as `lots_of` shows it; return how many. Each person is told before.

    What somebody else placed or held back meanwhile is left out, and notices come first as in `place_debts`. Forbidden without the right.
    """
    require(user, MAY_MANAGE)
    with unit():
        lots = _lots(lock_agencies(market), at)
        # All at once, so that two that place at the same time take the locks in one order.
        lock_plans([key for lot in lots for key in lot.debts])
        return sum(place_with(agency=lot.agency, found=lot.debts, actor=str(user.pk), at=at) for lot in lots if lot.debts)
