"""The page of sources: what each bureau, register, list and bank connection cost in a month, and how it answered."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock, providers
from core.formats import day_text
from core.moments import amount_words, desk_locale
from core.months import add_months
from credit.costs import BankCost, SourceCost, list_bank_costs, list_source_costs
from operations.choosing import all_brands, all_markets
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
    providers.refresh()
    places = _Places(dict(all_markets()), dict(all_brands()))
    lines = [_line(one, places) for one in found] + [_bank_line(one, places) for one in banks]
    told: dict[str, Any] = {
        "months": [(f"{one:%Y-%m}", _month(one)) for one in (add_months(today, -back, anchor_day=1) for back in range(MONTHS))],
        "month": f"{first:%Y-%m}",
        "named": _month(first),
        "lines": sorted(lines, key=lambda line: (line["source"], line["place"])),
        "whole": _whole(found, banks),
    }
    return show(request, "orders/sources.html", _("Sources: answers and cost"), **told)


@dataclass(frozen=True, slots=True)
class _Places:
    """The names of markets and brands by their codes."""

    markets: Mapping[str, str]
    brands: Mapping[str, str]

    def named(self, one: SourceCost | BankCost) -> str:
        return f"{self.markets.get(one.market, one.market)} · {self.brands.get(one.brand, one.brand)}"


def source_name(code: str) -> str:
    """Return the name of the company behind an account, with the account's code where the company has several; the code if unknown."""
    accounts = providers.list_accounts()
    account = next((one for one in accounts if one.code == code), None)
    if account is None:
        return code
    name = account.values.get("name") or str(providers.get_provider(account.provider).name)
    return f"{name} ({code})" if sum(one.provider == account.provider for one in accounts) > 1 else name


def _line(one: SourceCost, places: _Places) -> dict[str, Any]:
    approved = ngettext("%(number)s approved", "%(number)s approved", one.approved) % {"number": one.approved}
    return _shown(one, places, [approved] if one.approved else []) | {"each": _money(one.each)}


def _bank_line(one: BankCost, places: _Places) -> dict[str, Any]:
    """Return a provider of open banking as a line: its calls together, and of which kind they were."""
    kinds = [
        (_("Visits to a bank"), one.visits),
        (_("Read for the first time"), one.read),
        (_("Read again"), one.refreshed),
        (_("Looks at a balance"), one.balances),
    ]
    return _shown(one, places, [f"{kind}: {count}" for kind, count in kinds if count]) | {"each": ""}


def _shown(one: SourceCost | BankCost, places: _Places, told: list[str]) -> dict[str, Any]:
    return {
        "source": source_name(one.source),
        "place": places.named(one),
        "told": " · ".join(told),
        "answers": one.answers,
        "cost": _money(one.cost),
        "again": one.used_again_pct,
        "p95_ms": one.p95_ms,
        "failed": sum(one.failures.values()),
        "failures": _failures(one.failures),
    }


def _failures(failures: Mapping[str, int]) -> str:
    return ", ".join(f"{outcome_text(name)}: {count}" for name, count in sorted(failures.items()))


def _whole(found: list[SourceCost], banks: list[BankCost]) -> dict[str, Any]:
    """Return all sources of all places together; an approved purchase counts once, by the report that decided it."""
    whole = SourceCost("", "", "")
    for one in found:
        whole.new, whole.kept, whole.old = (here + there for here, there in zip(whole.used, one.used, strict=True))
        whole.approved += one.approved
    both: list[SourceCost | BankCost] = [*found, *banks]
    for costs in both:
        whole.answers += costs.answers
        for currency, minor in costs.cost.items():
            whole.cost[currency] = whole.cost.get(currency, 0) + minor
    return {
        "answers": whole.answers,
        "cost": _money(whole.cost),
        "each": _money(whole.each),
        "again": whole.used_again_pct,
        "failed": sum(sum(one.failures.values()) for one in both),
    }


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
