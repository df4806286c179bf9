"""Queries of orders, each limited to one shop; the number of statements does not grow with the shop."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.queries import find_consumer
from checkout.models import Order, OrderReview
from checkout.queries import referred_to
from checkout.states import ORDER_CAPTURABLE, OrderStatus
from core.errors import NotFound
from core.ids import parse_id
from core.sentences import Text
from merchants.models import Merchant

_UNSEEN = ("consumer__birth_date", "consumer__address")
EXPORTED = (
    *("id", "merchant_reference", "created_at", "status", "currency", "amount_minor", "captured_minor", "refunded_minor"),
    *("fee_minor", "fee_refunded_minor", "released_minor", "expires_at", "plan__product__code"),
)
_CHUNK = 2000
STATES: dict[str, tuple[Text, Q]] = {
    "": (_("All"), Q()),
    "to_capture": (_("To capture"), Q(status__in=ORDER_CAPTURABLE)),
    "in_review": (_("In review"), Q(status=OrderStatus.PENDING_REVIEW)),
    "captured": (pgettext_lazy("order", "Captured"), Q(status=OrderStatus.CAPTURED)),
    "refunded": (pgettext_lazy("order", "Refunded"), Q(refunded_minor__gt=0)),
    "returns": (_("On the way back"), Q(plan__goods_return__isnull=False, plan__goods_return__ended_at=None)),
    "ended": (_("Not captured"), Q(status__in=[OrderStatus.VOIDED, OrderStatus.EXPIRED, OrderStatus.REJECTED])),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of a list of orders; dates are days in the shop's time zone, both included."""

    state: str = ""
    start: date | None = None
    end: date | None = None
    search: str = ""

    @property
    def any(self) -> bool:
        """Whether any filter is set."""
        return self != Filters()

    @property
    def dated(self) -> bool:
        """Whether a date filter is set: the list is then ordered by time, to use its index."""
        return self.start is not None or self.end is not None

    def with_state(self, state: str) -> "Filters":
        """Return the same filters with another state."""
        return replace(self, state=state)

    def as_query(self) -> dict[str, str]:
        """Return the filters as parameters of the address."""
        told = {
            "status": self.state,
            "from": self.start.isoformat() if self.start else "",
            "to": self.end.isoformat() if self.end else "",
            "q": self.search,
        }
        return {name: value for name, value in told.items() if value}


def find_orders(merchant: Merchant, filters: Filters) -> QuerySet[Order]:
    """Return a shop's orders that match, unordered."""
    found = Order.objects.filter(STATES[filters.state][1], merchant=merchant)
    zone = ZoneInfo(merchant.market.time_zone)
    if filters.start:
        found = found.filter(created_at__gte=datetime.combine(filters.start, time.min, zone))
    if filters.end:
        found = found.filter(created_at__lt=datetime.combine(filters.end + timedelta(days=1), time.min, zone))
    return found.filter(_matches(merchant, filters.search)) if filters.search else found


def _matches(merchant: Merchant, search: str) -> Q:
    """Return the condition of a search: an e-mail address finds a customer; other text the beginning of a reference, or our id."""
    if "@" in search:
        consumer = find_consumer(channel="email", destination=search, brand=str(merchant.brand_id))
        return Q(consumer=consumer) if consumer else Q(pk__in=[])
    try:
        return Q(id=parse_id(Order.PREFIX, search))
    except NotFound:
        return referred_to(search, "merchant_reference")


def shown_orders(found: QuerySet[Order]) -> QuerySet[Order]:
    """Return orders with the columns that a list's row shows, and no other data of the customer."""
    return found.select_related("plan__product", "consumer").defer(*_UNSEEN, "plan__agreement", "plan__agreed")


def export_orders(found: QuerySet[Order]) -> Iterator[dict[str, Any]]:
    """Yield the exported columns of orders, newest first; one statement for every 2,000 orders."""
    last: uuid.UUID | None = None
    while True:
        page = found.filter(pk__lt=last) if last else found
        rows = list(page.order_by("-pk").values(*EXPORTED)[:_CHUNK])
        yield from rows
        if len(rows) < _CHUNK:
            return
        last = rows[-1]["id"]


def find_review(order: Order) -> OrderReview | None:
    """Return an order's hold, if it was held."""
    return OrderReview.objects.filter(order=order).first()
