"""The page on which a shop pays so that its customer's payments come later, with the price and each date before and after."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from checkout import services as checkouts
from checkout.models import Order
from checkout.subsidies.queries import price_of_postponing
from core.clock import local_date
from core.errors import DomainError
from plans.queries import installments_of
from plans.services.moving import postponed_of
from portals.merchant.frame import Desk, merchant_page, once_for, show
from portals.merchant.orders.acting import name_of
from portals.merchant.orders.page import get_order, order_path


@merchant_page("GET", "POST", needs="orders.refund")
def postpone(request: HttpRequest, desk: Desk, order_id: str) -> HttpResponse:
    """Show what it costs and which dates come of it; do it once, at the price that was shown."""
    order = get_order(desk, order_id)
    try:
        if request.method == "POST":
            once_for(request, desk, lambda: _postpone(request, desk, order))
            messages.success(request, _("The payments come later now. Your customer is told."))
            return redirect(order_path(order))
        return show(request, desk, "orders/postpone", "orders", _context(desk, order))
    except DomainError as error:
        messages.error(request, error.detail)
        return redirect(order_path(order))


def _postpone(request: HttpRequest, desk: Desk, order: Order) -> str:
    given = request.POST.get("price", "")
    seen = int(given) if given.isascii() and given.isdecimal() and len(given) < 16 else 0
    made = checkouts.postpone_order(order_id=order.id, merchant=desk.merchant, actor=desk.actor, at=desk.at, seen_minor=seen)
    return made.public_id


def _context(desk: Desk, order: Order) -> dict[str, Any]:
    rows = installments_of(order.plan)
    price = price_of_postponing(order, rows, local_date(desk.at, order.plan.time_zone))
    return {
        "number": name_of(order),
        "back": order_path(order),
        "price": price.fee_minor,
        "currency": order.currency,
        "rows": [{"was": row.due_date, "due": to, "minor": row.open_minor} for row, to in postponed_of(order.plan, rows, desk.at)],
    }
