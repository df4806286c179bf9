"""Reads of what shops pay for their customers."""

import uuid
from collections.abc import Iterable

from django.db.models import Sum

from checkout.models import Capture, Order, Refund, ShopInterest

INTEREST_DUE_ROWS = """
    SELECT {} FROM checkout_shopinterest s JOIN checkout_capture c ON c.id = s.capture_id JOIN checkout_order o ON o.id = c.order_id
    JOIN plans_plan p ON p.id = o.plan_id
    WHERE s.next_on <= %(at)s::date + 1 AND s.next_on <= (%(at)s::timestamptz AT TIME ZONE p.time_zone)::date"""
"""SQL: interest of shops that is earned by now, by columns."""
INTEREST_DUE = f"EXISTS ({INTEREST_DUE_ROWS.format(1)})"
"""SQL: whether interest of a shop is earned by now."""


def lock_shop_interest(captures: Iterable[uuid.UUID]) -> list[ShopInterest]:
    """Return what shops paid for captures, by their keys, locked until the transaction ends, always in the same order."""
    return list(ShopInterest.objects.select_for_update().filter(capture__in=list(captures)).order_by("capture_id"))


def shop_interest_of_order(order: Order) -> int:
    """Return the interest that the shop paid for an order, less what came back, in minor units.

    Two queries, none where the product asks none of the shop.
    """
    if not order.plan.product.shop_rate_bps:
        return 0
    paid, back = (model.objects.filter(order=order).aggregate(sum=Sum("shop_interest_minor"))["sum"] or 0 for model in (Capture, Refund))
    return int(paid - back)
