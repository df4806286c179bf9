"""An order as its consumer's pages show it: plain values."""

from dataclasses import dataclass
from datetime import datetime

from checkout.models import Order


@dataclass(frozen=True, slots=True)
class ShownOrder:
    """An order as its consumer sees it. Amounts are in minor units of `currency`.

    `unshipped_minor` was agreed to, and has been neither shipped nor given up; `released_minor` is what the shop said it will not ship.
    """

    public_id: str
    shop: str
    shop_email: str
    reference: str
    currency: str
    amount_minor: int
    unshipped_minor: int
    released_minor: int
    refunded_minor: int
    created_at: datetime


def shown_order(order: Order) -> ShownOrder:
    """Return an order as pages show it; its merchant must be loaded."""
    return ShownOrder(
        public_id=order.public_id,
        shop=order.merchant.name,
        shop_email=order.merchant.support_email,
        reference=order.merchant_reference,
        currency=order.currency,
        amount_minor=order.amount_minor,
        unshipped_minor=order.remaining_authorized_minor,
        released_minor=order.released_minor,
        refunded_minor=order.refunded_minor,
        created_at=order.created_at,
    )
