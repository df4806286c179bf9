"""Reads of the figures for dashboards."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import OuterRef, Subquery, Sum
from django.utils.translation import gettext

from checkout.models import Order
from checkout.states import ORDER_CAPTURABLE, OrderStatus
from core.clock import local_date
from merchants.models import Merchant
from merchants.queries import NextPayout, next_payout
from plans.models import Product
from reports.models import MerchantDay, ProductDay
from reports.rules import Totals, change_bps, total_of

MOST_COUNTED = 1_000
"""Orders are counted up to this; above it, a dashboard only says that there are more."""


@dataclass(frozen=True, slots=True)
class ProductShare:
    """The number and the amount of orders sold with one product."""

    code: str
    name: str
    orders: int
    sales_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """A merchant's last days compared with the same number of days before; `days` has a row for every date."""

    start: date
    end: date
    days: list[MerchantDay]
    now: Totals
    before: Totals
    products: list[ProductShare]
    payout: NextPayout
    to_capture: int
    in_review: int
    """The orders that wait for review, as `to_capture` are those that wait for the shop; 1,000 means 1,000 or more."""

    @property
    def sales_change_bps(self) -> int | None:
        """The change of sales from the period before, in basis points."""
        return change_bps(self.now.sales_minor, self.before.sales_minor)

    @property
    def approval_change_bps(self) -> int | None:
        """The change of the approval rate from the period before, in basis points."""
        now, before = self.now.approval_rate_bps, self.before.approval_rate_bps
        return None if now is None or before is None else now - before

    @property
    def funnel(self) -> list[tuple[str, int]]:
        """The number of checkouts that reached each step, from opened to completed."""
        now = self.now
        return [
            (gettext("Opened"), now.opened),
            (gettext("Identified"), now.identified),
            (gettext("Approved"), now.approved),
            (gettext("Completed"), now.completed),
        ]


def merchant_overview(merchant: Merchant, at: datetime, *, length: int = 30) -> Overview:
    """Return a merchant's figures of the last `length` days up to today in its zone; a constant number of queries."""
    end = local_date(at, merchant.market.time_zone)
    start = end - timedelta(days=length - 1)
    rows = MerchantDay.objects.filter(merchant=merchant, date__range=(start - timedelta(days=length), end))
    by_date = {row.date: row for row in rows}
    days = [by_date.get(day) or MerchantDay(merchant=merchant, date=day) for day in _dates(start, end)]
    return Overview(
        start=start,
        end=end,
        days=days,
        now=total_of(days),
        before=total_of(row for day, row in by_date.items() if day < start),
        products=_products(merchant, start, end),
        payout=next_payout(merchant),
        to_capture=_count(merchant, *ORDER_CAPTURABLE),
        in_review=_count(merchant, OrderStatus.PENDING_REVIEW),
    )


def _count(merchant: Merchant, *statuses: str) -> int:
    """Count a merchant's orders in some states, up to MOST_COUNTED."""
    return Order.objects.filter(merchant=merchant, status__in=statuses)[:MOST_COUNTED].count()


def _dates(start: date, end: date) -> list[date]:
    return [start + timedelta(days=number) for number in range((end - start).days + 1)]


def _products(merchant: Merchant, start: date, end: date) -> list[ProductShare]:
    name = Product.objects.filter(market_id=merchant.market_id, code=OuterRef("product_code")).order_by("-version").values("name")[:1]
    sold = ProductDay.objects.filter(merchant=merchant, date__range=(start, end)).values("product_code")
    totals = sold.annotate(count=Sum("orders"), total=Sum("sales_minor"), name=Subquery(name)).filter(count__gt=0)
    rows = totals.order_by("-count", "product_code")
    return [ProductShare(row["product_code"], row["name"], row["count"], row["total"]) for row in rows]
