"""Orders, refunds and statements in the form that the templates take."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from checkout.models import Order, Refund
from checkout.states import ORDER_CAPTURABLE
from merchants.models import Settlement, SettlementItem
from plans.texts import product_name
from portals.merchant.frame import Desk
from portals.merchant.wording import order_number, order_pill, payout_pill, short_name

LINE_KINDS = {"capture": "Capture", "refund": "Refund", "bounce": "Payout that came back"}


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


def refund_row(refund: Refund) -> dict[str, Any]:
    """Return a refund as a row of a table."""
    order = refund.order
    return {
        "number": order_number(order.merchant_reference, order.public_id),
        "href": f"{reverse('merchant_order', args=[order.public_id])}#{refund.public_id}",
        "customer": short_name(order.consumer),
        "reason": refund.reason,
        "at": refund.at,
        "minor": refund.amount_minor,
        "currency": order.currency,
    }


def settlement_row(settlement: Settlement) -> dict[str, Any]:
    """Return a statement as a row of a table."""
    pill = payout_pill(settlement)
    return {
        "date": settlement.date,
        "href": reverse("merchant_settlement", args=[settlement.public_id]),
        "count": settlement.item_count,
        "sales": settlement.sales_minor,
        "returns": -settlement.returns_minor,
        "fees": settlement.fee_refunds_minor - settlement.fees_minor,
        "opening": settlement.opening_minor,
        "payout": settlement.payout_minor,
        "currency": settlement.currency,
        "pill": pill.text,
        "tone": pill.tone,
    }


def line_row(item: SettlementItem) -> dict[str, Any]:
    """Return a line of a statement, traced to its order and to the capture or refund there."""
    return {
        "kind": LINE_KINDS[item.kind],
        "number": order_number(item.merchant_reference, item.order_ref) or "–",
        "href": f"{reverse('merchant_order', args=[item.order_ref])}#{item.source}" if item.order_ref else "",
        "source": item.source,
        "at": item.at,
        "gross": item.gross_minor,
        "fee": -item.fee_minor,
        "net": item.net_minor,
    }


def chip(label: str, href: str, *, current: bool) -> dict[str, Any]:
    """Return one choice of a filter."""
    return {"label": label, "href": href, "current": current, "count": None}
