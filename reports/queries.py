"""Reads of the figures, as dashboards show them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce, TruncDate

from checkout.models import Order
from core.clock import local_date
from merchants.models import Merchant
from merchants.queries import NextPayout, next_payout
from reports.models import MerchantDay, ProductDay
from reports.rules import Totals, change_bps, total_of

MOST_COUNTED = 1_000
"""Above it a dashboard says only that there are more."""
_UNSOLD = ("pending_review", "voided", "expired", "rejected")


@dataclass(frozen=True, slots=True)
class ProductShare:
    """How many orders, and for how much, were sold on one kind of plan."""

    code: str
    orders: int
    sales_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """A merchant's last days against the same number of days before; `days` has a row for every date.

    Days and totals leave out the orders that were given up before any capture; `placed` counts every order that a person agreed to.
    """

    start: date
    end: date
    days: list[MerchantDay]
    now: Totals
    before: Totals
    placed: int
    products: list[ProductShare]
    payout: NextPayout
    to_capture: int
    in_review: int
    """How many orders wait for the shop, and for us; 1,000 where there are as many or more."""

    @property
    def sales_change_bps(self) -> int | None:
        """How much more was sold than before."""
        return change_bps(self.now.sales_minor, self.before.sales_minor)

    @property
    def approval_change_bps(self) -> int | None:
        """By how many basis points the approval rate moved."""
        now, before = self.now.approval_rate_bps, self.before.approval_rate_bps
        return None if now is None or before is None else now - before

    @property
    def funnel(self) -> list[tuple[str, int]]:
        """From checkout to paid: how many reached each step."""
        now = self.now
        return [("Opened", now.opened), ("Identified", now.identified), ("Approved", now.approved), ("Completed", self.placed)]


def merchant_overview(merchant: Merchant, at: datetime, *, length: int = 30) -> Overview:
    """Return a merchant's figures of the last `length` days up to today in its zone; constant queries, whatever the volume."""
    end = local_date(at, merchant.market.time_zone)
    start = end - timedelta(days=length - 1)
    rows = MerchantDay.objects.filter(merchant=merchant, date__range=(start - timedelta(days=length), end))
    by_date = {row.date: row for row in rows}
    unsold = _unsold(merchant, start - timedelta(days=length))
    agreed = sum(row.completed for day, row in by_date.items() if day >= start)
    for day, sold, count, minor in unsold:
        if sold and (row := by_date.get(day)):
            row.completed, row.sales_minor = max(row.completed - count, 0), max(row.sales_minor - minor, 0)
    days = [by_date.get(day) or MerchantDay(merchant=merchant, date=day) for day in _dates(start, end)]
    return Overview(
        start=start,
        end=end,
        days=days,
        now=total_of(days),
        before=total_of(row for day, row in by_date.items() if day < start),
        placed=agreed + sum(count for day, sold, count, _ in unsold if not sold and start <= day <= end),
        products=_products(merchant, start, end),
        payout=next_payout(merchant),
        to_capture=_count(merchant, "authorized", "partially_captured"),
        in_review=_count(merchant, "pending_review"),
    )


def _unsold(merchant: Merchant, start: date) -> list[tuple[date, bool, int, int]]:
    """Return since a day the orders that are no sale (in review, or ended before any capture): day, once authorized, count, amount.

    An authorized one stands on the day that it was counted as a sale, another on the day that somebody agreed to it.
    """
    zone = ZoneInfo(merchant.market.time_zone)
    # None is held for longer than it would have been authorized.
    since = datetime.combine(start, time.min, zone) - timedelta(days=merchant.authorization_days)
    found = Order.objects.filter(merchant=merchant, status__in=_UNSOLD, created_at__gte=since)
    by_day = found.annotate(day=TruncDate(Coalesce("authorized_at", "created_at"), tzinfo=zone), sold=Q(authorized_at__isnull=False))
    return list(by_day.filter(day__gte=start).values_list("day", "sold").annotate(Count("id"), Sum("amount_minor")))


def _count(merchant: Merchant, *statuses: str) -> int:
    """Count a merchant's orders in some states, as far as anybody counts."""
    return Order.objects.filter(merchant=merchant, status__in=statuses)[:MOST_COUNTED].count()


def _dates(start: date, end: date) -> list[date]:
    return [start + timedelta(days=number) for number in range((end - start).days + 1)]


def _products(merchant: Merchant, start: date, end: date) -> list[ProductShare]:
    sold = ProductDay.objects.filter(merchant=merchant, date__range=(start, end)).values("product_code")
    totals = sold.annotate(count=Sum("orders"), total=Sum("sales_minor")).order_by("-count", "product_code")
    return [ProductShare(row["product_code"], row["count"], row["total"]) for row in totals]
