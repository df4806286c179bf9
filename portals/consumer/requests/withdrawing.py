"""The deadline for withdrawing from a purchase's agreement."""

from datetime import date, timedelta

from checkout.models import Order
from checkout.states import OrderStatus
from core.clock import local_date
from core.errors import Conflict
from markets.queries import get_market
from plans.documents.laws import withdrawal_days
from portals.consumer.frame import Visitor

ENDED = {OrderStatus.VOIDED, OrderStatus.EXPIRED, OrderStatus.REJECTED}


class TooLate(Conflict):
    """The time to withdraw from an agreement is over."""


def last_day_to_withdraw(visitor: Visitor, order: Order) -> date | None:
    """Return the last day to withdraw from a purchase's agreement; None if the law gives no such right, or that day is past."""
    market, agreed = get_market(order.merchant.market_id), local_date(order.created_at, visitor.consumer.time_zone)
    days = withdrawal_days(market.code, market.law, agreed)
    return agreed + timedelta(days=days) if days and order.status not in ENDED else None


def may_withdraw(visitor: Visitor, order: Order) -> bool:
    """Return whether the consumer can withdraw from a purchase's agreement today, and has not done so yet."""
    if order.plan.repay_by is not None:
        return False
    last = last_day_to_withdraw(visitor, order)
    return last is not None and visitor.today <= last
