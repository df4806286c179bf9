"""Orders as rows of a table, and the choices of the list's filter."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from checkout.models import Order
from checkout.states import ORDER_CAPTURABLE
from plans.texts import product_name
from portals.merchant.frame import Desk
from portals.merchant.orders.wording import order_pill
from portals.merchant.wording import order_number, short_name


def order_row(order: Order, desk: Desk) -> dict[str, Any]:
    """Return an order as a row of a table."""
    pill = order_pill(order, desk.locale)
    return {
        "id": order.public_id,
        "number": order_number(order.merchant_reference, order.public_id),
        "href": reverse("merchant_order", args=[order.public_id]),
        "customer": short_name(order.consumer),
        "plan": product_name(order.plan.product),
        "pill": pill.text,
        "tone": pill.tone,
        "ships_until": ships_until(order, desk),
        "minor": order.amount_minor,
        "currency": order.currency,
        "capturable": order.status in ORDER_CAPTURABLE,
        "at": order.created_at,
    }


def ships_until(order: Order, desk: Desk) -> date | None:
    """Return the end of the authorization as a date in the shop's time zone."""
    at = order.ship_safe_until
    return at.astimezone(ZoneInfo(desk.zone)).date() if at else None


def chip(label: str, href: str, *, current: bool) -> dict[str, Any]:
    """Return one choice of a filter."""
    return {"label": label, "href": href, "current": current, "count": None}
