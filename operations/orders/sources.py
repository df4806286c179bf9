"""The page of sources: what each credit bureau and each provider of open banking cost in a month, and how it answered."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from brands.queries import list_brands
from core import clock
from core.formats import country_name, day_text
from core.moments import amount_words, desk_locale
from core.months import add_months
from credit.costs import BankCost, SourceCost, list_bank_costs, list_source_costs
from markets.queries import list_markets
from operations.frame import operator, show
from operations.orders.outcomes import outcome_text

MAY_SEE = "credit.view_decision"
MONTHS = 13
FORM = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


def sources(request: HttpRequest) -> HttpResponse:
    """Show what sources did and cost in a month (UTC), this one unless the address names another; a constant number of queries."""
    if not operator(request).may(MAY_SEE):
        raise PermissionDenied
    today = clock.now().astimezone(UTC).date()
    first = _first_day(request.GET.get("month", ""), today)
    period = {"since": _midnight(first), "until": _midnight(add_months(first, 1))}
    found, banks = list_source_costs(**period), list_bank_costs(**period)
    names = {one.code: one.name for one in list_brands()}
    markets = {one.code: country_name(one.code) for one in list_markets()}
    told: dict[str, Any] = {
        "months": [(f"{one:%Y-%m}", _month(one)) for one in (add_months(today, -back, anchor_day=1) for back in range(MONTHS))],
        "month": f"{first:%Y-%m}",
        "named": _month(first),
        "lines": [_line(one, markets, names) for one in found],
        "whole": _line(_sum(found), markets, names),
        "banks": [_bank_line(one, markets, names) for one in banks],
        "banks_cost": _money(_added(one.cost for one in banks)),
        "banks_read": sum(one.read + one.refreshed for one in banks),
        "banks_looks": sum(one.balances for one in banks),
    }
    return show(request, "orders/sources.html", _("Sources: answers and cost"), **told)


def _line(one: SourceCost, markets: Mapping[str, str], brands: Mapping[str, str]) -> dict[str, Any]:
    return {
        "market": markets.get(one.market, one.market),
        "brand": brands.get(one.brand, one.brand),
        "source": one.source,
        "answers": one.answers,
        "cost": _money(one.cost),
        "each": _money(one.each),
        "approved": one.approved,
        "again": one.used_again_pct,
        "p95_ms": one.p95_ms,
        "failed": sum(one.failures.values()),
        "failures": _failures(one.failures),
    }


def _bank_line(one: BankCost, markets: Mapping[str, str], brands: Mapping[str, str]) -> dict[str, Any]:
    return {
        "market": markets.get(one.market, one.market),
        "brand": brands.get(one.brand, one.brand),
        "source": one.source,
        "visits": one.visits,
        "read": one.read,
        "refreshed": one.refreshed,
        "balances": one.balances,
        "cost": _money(one.cost),
        "again": one.used_again_pct,
        "p95_ms": one.p95_ms,
        "failed": sum(one.failures.values()),
        "failures": _failures(one.failures),
    }


def _failures(failures: Mapping[str, int]) -> str:
    return ", ".join(f"{outcome_text(name)}: {count}" for name, count in sorted(failures.items()))


def _added(costs: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return costs together, in minor units by currency."""
    whole: dict[str, int] = {}
    for cost in costs:
        for currency, minor in cost.items():
            whole[currency] = whole.get(currency, 0) + minor
    return whole


def _sum(found: list[SourceCost]) -> SourceCost:
    """Return all sources of all places together, the slowest's time as theirs."""
    whole = SourceCost("", "", "")
    for one in found:
        whole.new, whole.kept, whole.old = (here + there for here, there in zip(whole.used, one.used, strict=True))
        whole.answers, whole.approved = whole.answers + one.answers, whole.approved + one.approved
        whole.p95_ms = max((ms for ms in (whole.p95_ms, one.p95_ms) if ms is not None), default=None)
        for kept, added in ((whole.cost, one.cost), (whole.failures, one.failures)):
            for name, number in added.items():
                kept[name] = kept.get(name, 0) + number
    return whole


def _money(minor: Mapping[str, int]) -> str:
    return " · ".join(amount_words(amount, currency) for currency, amount in sorted(minor.items()))


def _first_day(asked: str, today: date) -> date:
    """Return the first day of the month that an address names, or of this one."""
    found = FORM.fullmatch(asked)
    return date(int(found[1]), int(found[2]), 1) if found else today.replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC)


def _month(day: date) -> str:
    return day_text(day, desk_locale(), "month")
