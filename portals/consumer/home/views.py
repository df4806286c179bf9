"""Home: the next payment, and the spending limit."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse

from checkout.states import OrderStatus
from credit.queries import list_limit_changes, list_spending
from plans.standstill import find_respite_of
from portals.consumer.frame import Visitor, consumer_page, show
from portals.consumer.home.page import next_payment
from portals.consumer.limit.page import buying, parts_left, paused_by, recent_move, spending
from portals.consumer.purchases.page import purchase_row
from portals.consumer.purchases.queries import Purchase, list_open_purchases, list_purchases
from portals.consumer.wallet.page import upcoming, upcoming_rows

SHOWN = 5


@consumer_page("GET")
def home(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what is due next and what can be spent, then purchases and payments to come; the number of statements is fixed."""
    opened = list_open_purchases(visitor.consumer)
    shown = opened[:SHOWN] or list_purchases(visitor.consumer, opened=False, limit=3)
    agreed = [one for one in opened if one.order.plan.settling_until is not None]
    # What is owed by agreement has its own days and amounts, on the page of the settlement.
    to_come = upcoming(one for one in opened if one.order.plan.settling_until is None)
    respite = find_respite_of(visitor.consumer.pk)
    coming = upcoming_rows(to_come[:SHOWN], visitor.today, respite)
    changes = list_limit_changes(visitor.consumer.holder_id, limit=1, brand=visitor.consumer.brand_id, own=visitor.consumer.pk)
    change = changes[0] if changes else None
    now, limits = buying(visitor), list_spending(visitor.consumer, visitor.today, of_brand_only=True)
    parts = parts_left(now, limits, visitor)
    context = {
        "next": next_payment(to_come, coming[0], visitor) if coming else None,
        "purchases": [purchase_row(purchase, visitor.today, visitor.locale) for purchase in shown],
        "open_count": len(opened),
        "more": len(opened) > SHOWN,
        "lines": [spending(one, parts.get(one.line.currency)) | recent_move(one.line, change, visitor) for one in limits],
        **paused_by(now, visitor),
        "respite": respite,
        "agreed": [{"shop": one.order.merchant.name, "id": one.order.public_id} for one in agreed][:1],
        "to_ship": _shops(one for one in opened if one.is_to_ship),
        "deposits": [{"shop": one.order.merchant.name, "id": one.order.public_id} for one in opened if one.owes_deposit],
        "given_up": _shops(one for one in opened if one.is_given_up and not one.is_sold),
        "sold": _shops(one for one in opened if one.is_sold),
        "stopped": _shops(one for one in opened if one.is_stopped),
        "later": max(0, len(to_come) - SHOWN),
        "coming": coming,
        "waiting": _shops(one for one in opened if one.order.status == OrderStatus.PENDING_REVIEW),
    }
    return show(request, visitor, "home/home", "home", context)


def _shops(purchases: Iterable[Purchase]) -> list[str]:
    """Name the shop of each purchase."""
    return [one.order.merchant.name for one in purchases]
