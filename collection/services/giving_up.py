"""Give up plans that have been late for long: one operator proposes it and another approves, or the close of a day does."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from checkout.queries import list_plans_to_ship, lock_order_of_plan
from checkout.states import ORDER_OPEN
from collection.asking import asked_help_of, refuse_asking
from collection.models import LateNotice
from collection.queries import charge_off_days
from collection.reminding import check_notice, waiting_for_notice
from controls import services as controls
from controls.kinds import Person
from controls.models import Proposal
from core.clock import local_date
from core.db import unit
from core.errors import Conflict
from plans import services as plans
from plans.guards import GIVING_UP
from plans.models import ChargeOff
from plans.queries import get_plan
from plans.services.giving_up import Owed

AT_ANY_TIME = ("deceased", "insolvent", "fraud")
"""The causes for which a plan may be given up whether it is late or not."""
CAUSE, PRINCIPAL, INTEREST = "cause", "principal_minor", "interest_minor"


def propose_charge_off(*, plan_id: uuid.UUID, cause: str, reason: str, user: Person, at: datetime) -> Proposal:
    """Propose to give up a plan; nothing changes until another operator approves it.

    Invalid without a cause from the list and a reason. Conflict if the plan is not late for the days set for its market (at any time after
    a death, an insolvency or a fraud) or the notice that the law demands before was not told in time, if a payment is under way or
    disputed, if the shop may still ship, or if it is already proposed.
    """
    with unit():
        owed = plans.losable(plan_id=plan_id, days=_days(plan_id, cause, at), at=at)
        after = {CAUSE: cause, PRINCIPAL: owed.principal_minor, INTEREST: owed.interest_minor}
        return controls.propose(kind=GIVING_UP, subject=str(plan_id), after=after, reason=reason, starts_on=None, user=user, at=at)


def charge_off(*, plan_id: uuid.UUID, cause: str, owed: Owed, proposal: Proposal, at: datetime) -> ChargeOff:
    """Give up a plan by an approved proposal, with the open amounts that both people saw; Conflict as for the proposal."""
    with unit():
        days = _days(plan_id, cause, at)
        return plans.charge_off(plan_id=plan_id, cause=cause, owed=owed, proposal=proposal, days=days, at=at)


def _days(plan_id: uuid.UUID, cause: str, at: datetime) -> int:
    """Lock the order of a plan and return for how many days it must be late; Conflict while the shop may still ship some of it."""
    order = lock_order_of_plan(plan_id)
    if order.status in ORDER_OPEN:
        raise Conflict("The shop may still ship some of this order. Wait until it did, or until that ends.", code="plans.order_open")
    if cause in AT_ANY_TIME:
        return 0
    plan = get_plan(plan_id)
    refuse_asking(plan, at)
    check_notice(plan, LateNotice.DEFAULT, local_date(at, plan.time_zone))
    market = order.merchant.market
    return charge_off_days(market.code, local_date(at, market.time_zone))


def charge_off_by_day(*, plan_ids: Sequence[uuid.UUID], day: date, at: datetime) -> int:
    """Give up those of locked plans that are late by a closed day for the days set for their market; return how many.

    A plan with a payment under way or disputed, of an order of which the shop may still ship some, or without the notice that the law
    demands before, or whose person asks for help, waits for the next day. Safe to repeat: what is given up is not active any more.
    """
    # An order that is over stays over, so that its lock is not needed; one that is open keeps its plan from being given up.
    waiting = {*list_plans_to_ship(plan_ids), *waiting_for_notice(plan_ids, LateNotice.DEFAULT, at), *asked_help_of(plan_ids, at)}
    return plans.charge_off_by_day(plan_ids=[key for key in plan_ids if key not in waiting], day=day, at=at)
