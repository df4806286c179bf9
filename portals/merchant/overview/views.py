"""Overview: the shop's figures, orders to ship, and the next payout."""

import re
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.formats import day_text, number_text, percent_text
from core.locales import page_locale
from portals.charts import BarChart, Point, bar_chart, funnel
from portals.merchant.frame import Desk, merchant_page, show
from portals.merchant.orders.queries import Filters, find_orders, shown_orders
from portals.merchant.orders.rows import order_row
from reports.queries import MOST_COUNTED, Overview, merchant_overview
from reports.rules import change_bps

PERIODS = (7, 30, 90)
LATEST = 6
LETTERS = re.compile(r"^[A-Za-z.]+\s*|\s+(?:[A-Z]{2,3}\$?|D?kr\.?)$")
"""A currency in letters, removed from labels of the axis for lack of room; the table names it."""


@merchant_page("GET", needs="reports.read")
def overview(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the figures of a period, compared with the period before."""
    length = _length(request.GET.get("days", ""))
    figures = merchant_overview(desk.merchant, desk.at, length=length)
    orders = list(shown_orders(find_orders(desk.merchant, Filters())).order_by("-pk")[:LATEST])
    context = {
        "period_note": gettext("Last %(n)s days, compared with the %(n)s before") % {"n": length},
        "period": {"text": _span(figures, desk), "choices": [_choice(days, length) for days in PERIODS]},
        "stats": _stats(figures, desk),
        "sales": _chart(figures, desk),
        "steps": funnel(figures.funnel),
        "chosen": funnel([(gettext(share.name), share.orders) for share in figures.products]),
        "funnel_note": _funnel_note(figures),
        "orders": [order_row(order, desk) for order in orders],
        "orders_path": reverse("merchant_orders"),
        "waiting": _waiting(figures),
        "is_new": not orders and not figures.now.opened,
        "docs_path": "/api/docs/",
    }
    return show(request, desk, "overview/overview", "overview", context)


def _length(told: str) -> int:
    return int(told) if told in {str(days) for days in PERIODS} else 30


def _span(figures: Overview, desk: Desk) -> str:
    return " – ".join(day_text(day, desk.locale, "short") for day in (figures.start, figures.end))


def _choice(days: int, chosen: int) -> dict[str, Any]:
    return {"label": gettext("Last %(n)s days") % {"n": days}, "href": f"?days={days}", "current": days == chosen}


def _stats(figures: Overview, desk: Desk) -> list[dict[str, Any]]:
    now, before, payout = figures.now, figures.before, figures.payout
    average = change_bps(now.average_order_minor, before.average_order_minor) if now.completed else None
    return [
        {"label": _("Sales"), "value": desk.money(now.sales_minor, "round"), **_change(figures.sales_change_bps, desk)},
        {
            "label": _("Approval rate"),
            "value": "–" if now.approval_rate_bps is None else percent_text(_tenth(now.approval_rate_bps), desk.locale),
            **_points(figures.approval_change_bps, desk),
        },
        {"label": _("Average order"), "value": desk.money(now.average_order_minor) if now.completed else "–", **_change(average, desk)},
        {
            "label": _("Next payout · tomorrow"),
            "value": desk.money(max(payout.amount_minor, 0)),
            "note": _payout_note(figures, desk),
        },
    ]


def _tenth(bps: int) -> int:
    """Round basis points to a tenth of a percent."""
    return (bps + 5) // 10 * 10


def _change(bps: int | None, desk: Desk) -> dict[str, Any]:
    """Return a change in percent for a stat; empty if the earlier value is zero or missing."""
    if bps is None:
        return {"note": gettext("nothing to compare with yet")}
    if _tenth(abs(bps)) == 0:
        return {"note": gettext("as before")}
    sign = "-" if bps < 0 else ""
    return {"change": f"{sign}{percent_text(_tenth(abs(bps)), desk.locale)}", "good": bps >= 0}


def _points(bps: int | None, desk: Desk) -> dict[str, Any]:
    """Return a change of a rate, in percentage points."""
    if bps is None:
        return {"note": gettext("nothing to compare with yet")}
    points = Decimal(_tenth(abs(bps))) / 100
    if not points:
        return {"note": gettext("as before")}
    return {"change": f"{'-' if bps < 0 else ''}{number_text(points, desk.locale)} pt", "good": bps >= 0}


def _payout_note(figures: Overview, desk: Desk) -> str:
    payout = figures.payout
    if payout.amount_minor < 0:
        return gettext("%(amount)s is carried over") % {"amount": desk.money(-payout.amount_minor)}
    captures = ngettext("%(n)s capture", "%(n)s captures", payout.captures) % {"n": payout.captures}
    refunds = ngettext("%(n)s refund", "%(n)s refunds", payout.refunds) % {"n": payout.refunds}
    parts = [captures] * bool(payout.captures) + [refunds] * bool(payout.refunds)
    return ", ".join(parts) or gettext("nothing new yet")


def _chart(figures: Overview, desk: Desk) -> BarChart:
    points = [Point(day_text(day.date, desk.locale, "short"), day.sales_minor, desk.money(day.sales_minor)) for day in figures.days]
    if not figures.now.sales_minor:
        points = []
    return bar_chart(points, lambda minor: LETTERS.sub("", desk.money(minor, "compact")))


def _funnel_note(figures: Overview) -> str:
    left = figures.now.left
    if not left:
        return ""
    text = ngettext("%(n)s person left while choosing a plan.", "%(n)s people left while choosing a plan.", left)
    return text % {"n": number_text(left, page_locale("en_US"))}


def _waiting(figures: Overview) -> list[dict[str, str]]:
    """Return the orders that wait for an action, as links into the list of orders."""
    path, waiting = reverse("merchant_orders"), []
    if figures.to_capture:
        waiting.append({"text": gettext("%(n)s to capture") % {"n": _at_most(figures.to_capture)}, "href": f"{path}?status=to_capture"})
    if figures.in_review:
        waiting.append({"text": gettext("%(n)s in review") % {"n": _at_most(figures.in_review)}, "href": f"{path}?status=in_review"})
    return waiting


def _at_most(count: int) -> str:
    return f"{count}" if count < MOST_COUNTED else f"{number_text(MOST_COUNTED - 1, page_locale('en_US'))}+"
