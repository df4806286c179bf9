"""Reads of what shops pay for their customers."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Sum

from checkout.models import Capture, Order, Postponement, Refund, ShopInterest
from core.errors import Conflict
from merchants.rules import fee_minor
from plans.models import Installment

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


@dataclass(frozen=True, slots=True)
class Price:
    """What it costs the shop to let payments come later once more: the number of this time, what is open, and the price; minor units."""

    number: int
    open_minor: int
    fee_minor: int


def is_postponing_offered(order: Order) -> bool:
    """Return whether the shop's contract has a price for letting payments come later."""
    return bool(order.merchant.postpone_fixed_minor or order.merchant.postpone_bps)


def price_of_postponing(order: Order, rows: Sequence[Installment], today: date) -> Price:
    """Return the price of letting an order's payments come later now; Conflict if the contract has none, or was used up. One query.

    A payment that is due `today` does not move, so it does not count.
    """
    merchant = order.merchant
    if not is_postponing_offered(order):
        raise Conflict("Your contract has no price for this. Ask us for one.", code="order.postpone_not_offered")
    had = Postponement.objects.filter(order=order).count()
    if had >= merchant.postpone_most:
        raise Conflict("The payments of this order come later already, as often as your contract says.", code="order.postpone_used")
    opened = sum(row.principal_minor - row.paid_principal_minor for row in rows if row.status in Installment.OPEN and row.due_date > today)
    if not opened and any(row.status in Installment.OPEN and row.due_date < today for row in rows):
        raise Conflict("A payment is late.", code="plans.postpone_late")
    if not opened:
        raise Conflict("Nothing is to come.", code="plans.postpone_nothing")
    price = fee_minor(amount_minor=opened, bps=merchant.postpone_bps, fixed_minor=merchant.postpone_fixed_minor)
    return Price(had + 1, opened, max(1, price))


def find_postponed_since(order: Order, since: datetime) -> Postponement | None:
    """Return the newest time that the shop paid for later payments of an order after a moment, if any."""
    return Postponement.objects.filter(order=order, at__gt=since).order_by("-number").first()


def postponements_by_order(order_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Postponement]]:
    """Return how often the shop paid for later payments of orders, by order, oldest first; one query."""
    found: dict[uuid.UUID, list[Postponement]] = {key: [] for key in order_ids}
    for one in Postponement.objects.filter(order__in=list(found)).order_by("number"):
        found[one.order_id].append(one)
    return found


def postponements_of(order: Order) -> list[Postponement]:
    """Return how often the shop paid for later payments of an order, oldest first."""
    return list(Postponement.objects.filter(order=order).order_by("number"))
