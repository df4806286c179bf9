"""The funnel of a span of days: one line a page of the checkout, and one a week."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Max, Sum
from django.db.models.functions import TruncWeek

from checkout.journeys import STEPS
from core.db import rows
from reports.funnel.rules import EDGES, median_of
from reports.models import FunnelDay

MOST_ERRORS = 3
_SPENT = ", ".join(f"sum(spent[{number}])::bigint" for number in range(1, len(EDGES) + 2))


@dataclass(frozen=True, slots=True)
class Asked:
    """The first and last day (of the market) of a funnel, and what it is narrowed down to; empty texts for all. `merchant` is a key."""

    first: date
    last: date
    market: str = ""
    merchant: str = ""
    device: str = ""
    opening: str = ""

    @property
    def narrow(self) -> dict[str, Any]:
        """The filter of days."""
        named = {"merchant__market": self.market, "merchant": self.merchant, "device": self.device, "opening": self.opening}
        return {"day__gte": self.first, "day__lte": self.last} | {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Page:
    """How many checkouts reached a page and how many went no further; the median of seconds on it, and its most frequent errors."""

    step: str
    reached: int
    stopped: int
    seconds: int | None
    errors: list[tuple[str, int]] = field(default_factory=list)


def funnel(asked: Asked) -> list[Page]:
    """Return the pages that anybody reached, in their order; two statements."""
    days = FunnelDay.objects.filter(**asked.narrow)
    sql, params = days.order_by().values("step", "reached", "stopped", "spent", "errors").query.sql_with_params()
    counted = rows(f"SELECT step, sum(reached)::bigint, sum(stopped)::bigint, {_SPENT} FROM ({sql}) d GROUP BY 1", params)  # noqa: S608
    wrong = rows(f"SELECT step, e.key, sum(e.value::bigint)::bigint FROM ({sql}) d, jsonb_each_text(errors) e GROUP BY 1, 2", params)  # noqa: S608
    errors: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for step, code, count in sorted(wrong, key=lambda row: (-row[2], row[1])):
        errors[step].append((code, count))
    pages = {
        step: Page(step, reached, stopped, median_of([count or 0 for count in spent]), errors[step][:MOST_ERRORS])
        for step, reached, stopped, *spent in counted
    }
    return [pages[step] for step in STEPS if step in pages]


def by_week(asked: Asked) -> list[tuple[date, dict[str, int]]]:
    """Return how many of those who began in a week, by its Monday, reached each page, the newest week first; one query."""
    found = FunnelDay.objects.filter(**asked.narrow).annotate(week=TruncWeek("day")).values_list("week", "step")
    weeks: dict[date, dict[str, int]] = defaultdict(dict)
    for week, step, count in found.annotate(n=Sum("reached")).order_by("-week"):
        weeks[week][step] = count
    return list(weeks.items())


def busiest_shops(asked: Asked, *, most: int) -> list[tuple[str, str]]:
    """Return the shops with the most checkouts in the span, by key and name; one query."""
    everywhere = {name: value for name, value in asked.narrow.items() if name != "merchant"}
    found = FunnelDay.objects.filter(**everywhere).values_list("merchant", "merchant__name").annotate(n=Sum("reached"))
    return [(str(key), name) for key, name, _count in found.order_by("-n")[:most]]


def counted_at() -> datetime | None:
    """Return when the funnel was last counted."""
    last: datetime | None = FunnelDay.objects.aggregate(last=Max("counted_at"))["last"]
    return last
