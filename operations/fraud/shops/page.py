"""The list of shops by their risk and the page of one shop, as plain values; a file with the same figures."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.csv_files import Cell
from core.formats import country_name
from core.moments import amount_words, day_words, number_words, percent_words
from core.months import add_months
from core.sentences import Text
from merchants.models import Merchant
from operations.choosing import all_brands, all_markets, chosen, chosen_number, page_number
from operations.fraud.shops.counting import BadOrder, months_of, tallies_of, worst_orders
from operations.fraud.shops.rules import WHOLES, Tally, is_high, risk_of, share_bps

PAGE = 50
SPANS = (30, 90, 180, 365)
USUAL_SPAN = 90
MONTHS = 12
BY_RISK, BY_NAME = "risk", "shop"
BAR, GAP, HEIGHT = 18, 10, 120
"""The width of a bar, the gap between two months, and the height of the drawing, in pixels."""
TITLES: Mapping[str, Text] = {
    "attempts": gettext_lazy("Attempts"),
    "approved": gettext_lazy("Approved"),
    "held": gettext_lazy("Held"),
    "refused": gettext_lazy("Refused"),
    "fraud": gettext_lazy("Confirmed fraud"),
    "lost": gettext_lazy("Disputes lost"),
    "disputed": gettext_lazy("Disputes open"),
    "late_30": gettext_lazy("Overdue by 30 days"),
    "late_90": gettext_lazy("Overdue by 90 days"),
    "refunded": gettext_lazy("Refunded"),
}
MEANINGS: Mapping[str, Text] = {
    "attempts": gettext_lazy("Checkouts at which somebody agreed to buy; one that was tried again counts once."),
    "approved": gettext_lazy("Of the attempts: orders that were let through, at once or by two people."),
    "held": gettext_lazy("Of the attempts: orders that waited for two people."),
    "refused": gettext_lazy("Of the attempts: those that rules about fraud refused."),
    "fraud": gettext_lazy("Of the attempts: those that the desk or a bank labeled as fraud, stopped or not."),
    "lost": gettext_lazy(
        "Of the plans: those with a payment that a bank took back for good. Plans are orders of which something was shipped."
    ),
    "disputed": gettext_lazy("Of the plans: those with a dispute that no bank has decided yet."),
    "late_30": gettext_lazy("Of the plans: those with a payment that is overdue by 30 days or more today."),
    "late_90": gettext_lazy("Of the plans: those with a payment that is overdue by 90 days or more today."),
    "refunded": gettext_lazy("Of the plans: those of which the shop refunded something."),
}
GOOD = frozenset({"approved"})
"""The shares that are better when they are higher."""
COSTLY = frozenset({"fraud", "lost", "disputed", "late_30", "late_90", "refunded", "refused"})
"""The shares that are marked if they are far above the average."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page was asked for: market, brand, the number of days, the column to sort by, and the page."""

    market: str
    brand: str
    days: int
    sort: str
    page: int

    def link(self, **other: str | int) -> str:
        """Return the query of the same page, with other values."""
        told: dict[str, str | int] = {"market": self.market, "brand": self.brand, "days": self.days, "sort": self.sort, "page": 1}
        told |= other
        return "?" + urlencode({name: value for name, value in told.items() if value})


def asked_by(request: HttpRequest) -> Asked:
    """Read a query; anything unknown counts as not given."""
    sort = request.GET.get("sort", "")
    return Asked(
        chosen(request, "market", all_markets()),
        chosen(request, "brand", all_brands()),
        chosen_number(request, "days", SPANS, USUAL_SPAN),
        sort if sort.removeprefix("-") in {BY_RISK, BY_NAME, *TITLES} else BY_RISK,
        page_number(request),
    )


Ranked = list[tuple[Merchant, Tally]]


def rank(asked: Asked, at: datetime) -> tuple[Ranked, Tally]:
    """Return the shops with attempts or orders in a span, the worst first, and the sum of all. Five queries."""
    found = Merchant.objects.all()
    found = found.filter(market=asked.market) if asked.market else found
    found = found.filter(brand=asked.brand) if asked.brand else found
    shops = list(found.only("name", "market_id", "brand_id", "currency").order_by("name", "id"))
    tallies = tallies_of(shops, at - timedelta(days=asked.days), at)
    busy = [(shop, tallies[shop.pk]) for shop in shops if tallies[shop.pk].attempts]
    whole = sum((tally for _shop, tally in busy), Tally())
    column, back = asked.sort.removeprefix("-"), asked.sort.startswith("-")
    if column == BY_NAME:
        return busy[::-1] if back else busy, whole

    def worst(one: tuple[Merchant, Tally]) -> float:
        value = _value(one[1], whole, column)
        # Shops of which a share is not known come last, whatever the direction.
        return float("-inf") if value is None else -value if back != (column in GOOD) else value

    return sorted(busy, key=worst, reverse=True), whole


def _value(tally: Tally, whole: Tally, column: str) -> float | None:
    if column == BY_RISK:
        return risk_of(tally, whole)
    return share_bps(tally, column) if column in WHOLES else getattr(tally, column)


def list_of(asked: Asked, at: datetime) -> dict[str, Any]:
    """Return the content of the list."""
    ranked, whole = rank(asked, at)
    last = max(1, -(-len(ranked) // PAGE))
    page = min(asked.page, last)
    shown = ranked[(page - 1) * PAGE : page * PAGE]
    return {
        "asked": asked,
        "columns": [_column(name, title, asked) for name, title in _columns()],
        "rows": [{"shop": _named(shop), "risk": _risk(tally, whole), "cells": _cells(tally, whole)} for shop, tally in shown],
        "whole": _cells(whole, Tally()),
        "shops": len(ranked),
        "counted": ngettext("%(n)d shop", "%(n)d shops", len(ranked)) % {"n": len(ranked)},
        "older": asked.link(page=page + 1) if page < last else "",
        "newer": asked.link(page=page - 1) if page > 1 else "",
        "file": asked.link() + "&as=csv",
        "markets": all_markets(),
        "brands": all_brands(),
        "spans": [(days, span_words(days)) for days in SPANS],
        "meanings": [(TITLES[name], about) for name, about in MEANINGS.items()],
        "since": day_words((at - timedelta(days=asked.days)).date()),
    }


def _named(shop: Merchant) -> dict[str, Any]:
    return {"id": shop.pk, "public_id": shop.public_id, "name": shop.name, "market": country_name(shop.market_id)}


def span_words(days: int) -> str:
    """Return the name of a span that ends today."""
    return ngettext("the last %(n)d day", "the last %(n)d days", days) % {"n": days}


def _columns() -> list[tuple[str, Text]]:
    return [(BY_NAME, gettext_lazy("Shop")), (BY_RISK, gettext_lazy("Times the average")), *TITLES.items()]


def _column(name: str, title: Text, asked: Asked) -> dict[str, Any]:
    """Return a heading: its link sorts by it, or turns the order if the list is already sorted by it."""
    column, back = asked.sort.removeprefix("-"), asked.sort.startswith("-")
    mine = column == name
    rising = (name in GOOD or name == BY_NAME) != back
    turned = f"-{name}" if mine and not back else name
    return {
        "name": name,
        "title": title,
        "link": asked.link(sort=turned),
        "sorted": ("ascending" if rising else "descending") if mine else "",
    }


def _risk(tally: Tally, whole: Tally) -> dict[str, Any]:
    risk = risk_of(tally, whole)
    high = any(is_high(tally, whole, name) for name in ("fraud", "lost", "late_90"))
    return {"text": "–" if risk is None else f"{number_words(risk)} ×", "high": high}


def _cells(tally: Tally, whole: Tally) -> list[dict[str, Any]]:
    """Return a shop's figures in the order of TITLES: the share with the number, and whether it is far above the average."""
    cells = []
    for name, title in TITLES.items():
        share = share_bps(tally, name) if name in WHOLES else None
        number = getattr(tally, name)
        text = number_words(number) if name not in WHOLES else "–" if share is None else percent_words(share)
        cells.append(
            {
                "title": title,
                "text": text,
                "number": number_words(number) if share is not None and number else "",
                "high": name in COSTLY and is_high(tally, whole, name),
            }
        )
    return cells


def header() -> list[str]:
    """Return the header of the file, in the reader's language."""
    shares = [_("%(figure)s, share in percent") % {"figure": TITLES[name]} for name in WHOLES]
    return [_("Shop's id"), *(str(title) for _name, title in _columns()), _("Plans"), *shares]


def lines_of(asked: Asked, at: datetime) -> Iterator[list[Cell]]:
    """Yield the file's lines: every shop of the list, with numbers and shares."""
    ranked, whole = rank(asked, at)
    for shop, tally in ranked:
        risk = risk_of(tally, whole)
        shares = (share_bps(tally, name) for name in WHOLES)
        told: list[Cell] = [shop.public_id, shop.name, "" if risk is None else str(risk), *(getattr(tally, name) for name in TITLES)]
        yield [*told, tally.plans, *("" if share is None else f"{share / 100:.2f}" for share in shares)]


def shop_of(shop: Merchant, asked: Asked, at: datetime) -> dict[str, Any]:
    """Return the content of one shop's page: its figures beside all shops', its trend by month, and its worst orders."""
    first = at - timedelta(days=asked.days)
    ranked, whole = rank(asked, at)
    mine = next((tally for one, tally in ranked if one.pk == shop.pk), Tally())
    months = _months(shop, at)
    return {
        "asked": asked,
        "shop": _named(shop),
        "risk": _risk(mine, whole),
        "figures": [
            mine_too | {"all": of_all["text"]} for mine_too, of_all in zip(_cells(mine, whole), _cells(whole, Tally()), strict=True)
        ],
        "months": [(_month(month), _cells(tally, Tally())) for month, tally in reversed(months.items()) if tally.attempts],
        "columns": list(TITLES.values()),
        "bars": _bars(months),
        "width": MONTHS * (2 * BAR + GAP),
        "height": HEIGHT,
        "worst": [_worst(one, at) for one in worst_orders(shop, first, at)],
        "spans": [(days, span_words(days)) for days in SPANS],
        "since": day_words(first.date()),
    }


def _months(shop: Merchant, at: datetime) -> dict[date, Tally]:
    """Return the last 12 months (UTC), the oldest first, months without an attempt too."""
    months = [add_months(at.date(), -n, anchor_day=1) for n in reversed(range(MONTHS))]
    first = datetime.combine(months[0], datetime.min.time(), at.tzinfo) - timedelta(microseconds=1)
    found = months_of(shop, first, at)
    return {month: found.get(month, Tally()) for month in months}


def _month(month: date) -> str:
    return day_words(month, "month")


def _bars(months: Mapping[date, Tally]) -> list[dict[str, Any]]:
    """Return two bars for each month: the shares of confirmed fraud and of plans overdue by 30 days, on one scale; none if all are 0."""
    shares = [(month, share_bps(tally, "fraud") or 0, share_bps(tally, "late_30") or 0) for month, tally in months.items()]
    most = max(max(fraud, late) for _first, fraud, late in shares)
    if not most:
        return []
    bars = []
    for place, (month, fraud, late) in enumerate(shares):
        for side, (kind, share) in enumerate((("fraud", fraud), ("honest", late))):
            height = round(share * (HEIGHT - 4) / most)
            where = {"x": place * (2 * BAR + GAP) + side * BAR, "y": HEIGHT - height, "height": height}
            bars.append(where | {"kind": kind, "title": f"{_month(month)}: {percent_words(share)}"})
    return bars


def _worst(one: BadOrder, at: datetime) -> dict[str, Any]:
    how: Iterable[tuple[bool, str, str]] = (
        (one.is_fraud, _("Confirmed fraud"), "desk-rejected"),
        (one.is_lost, _("Dispute lost"), "desk-rejected"),
        (one.is_disputed, _("Dispute open"), "desk-waiting"),
    )
    pills = [{"word": word, "mark": mark} for holds, word, mark in how if holds]
    if one.late_since:
        days = (at.date() - one.late_since).days
        pills.append({"word": ngettext("Overdue by %(n)d day", "Overdue by %(n)d days", days) % {"n": days}, "mark": "desk-waiting"})
    order = one.order
    told = {"id": order.pk, "reference": order.merchant_reference, "at": order.created_at}
    return told | {"amount": amount_words(order.amount_minor, order.currency), "pills": pills}
