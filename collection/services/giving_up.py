"""Give up plans that have been late for long."""

import uuid
from datetime import datetime

from checkout.queries import lock_order_of_plan
from checkout.states import ORDER_OPEN
from collection.queries import charge_off_days
from core.clock import local_date
from core.db import unit
from core.errors import Conflict
from plans import services as plans
from plans.models import ChargeOff
from plans.queries import get_charge_off


def propose_charge_off(*, plan_id: uuid.UUID, reason: str, note: str, actor: str, at: datetime) -> ChargeOff:
    """Propose to give up a plan; another operator confirms it.

    Invalid without a note and a reason from the list. Conflict if the plan is not late for the days set for its market, if a payment is
    under way or disputed, if the shop may still ship, or if it is already proposed.
    """
    with unit():
        days = _shipped(plan_id, at)
        return plans.propose_charge_off(plan_id=plan_id, reason=reason, note=note, days=days, actor=actor, at=at)


def confirm_charge_off(*, charge_off_id: uuid.UUID, seen_minor: int, actor: str, at: datetime) -> ChargeOff:
    """Give up a plan that another operator proposed, with the amount seen (minor units); Conflict as for the proposal."""
    with unit():
        days = _shipped(get_charge_off(charge_off_id).plan_id, at)
        return plans.confirm_charge_off(charge_off_id=charge_off_id, seen_minor=seen_minor, days=days, actor=actor, at=at)


def _shipped(plan_id: uuid.UUID, at: datetime) -> int:
    """Lock the order of a plan and return its market's days; Conflict while the shop may still ship some of it."""
    order = lock_order_of_plan(plan_id)
    if order.status in ORDER_OPEN:
        raise Conflict("The shop may still ship some of this order. Wait until it did, or until that ends.", code="plans.order_open")
    market = order.merchant.market
    return charge_off_days(market.code, local_date(at, market.time_zone))
