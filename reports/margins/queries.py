"""Margins by product, grade, customer class, shop or month; a constant number of queries."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import Max, Sum, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from core.adjusting import value_of
from core.money import exponent
from core.months import add_months
from merchants.models import Merchant
from reports.margins.rules import Margin, Sums, loss_rates, margin_of
from reports.models import Margin as MarginRow
from reports.settable import FUNDS, LATE_PCT, PROVISIONS_LGD

SHOPS = 50
"""So many shops are listed, those with the most financed; the others stand together."""
OTHERS = "others"
_SUMS = {one.name: Sum(one.name) for one in fields(Sums)}


class By(StrEnum):
    """What sales are grouped by."""

    PRODUCT = "product"
    GRADE = "grade"
    GROUP = "group"
    KIND = "kind"
    RISK_CLASS = "risk_class"
    LOYALTY = "loyalty"
    REGION = "region"
    FEE_STATUS = "fee_status"
    SHOP = "shop"
    MONTH = "month"


CLASSES = (By.GROUP, By.KIND, By.RISK_CLASS, By.LOYALTY, By.REGION, By.FEE_STATUS)
"""Groupings by the class of the person on an axis of customer classes."""
_COLUMNS = {
    By.PRODUCT: ("market_id", "product"),
    By.GRADE: ("market_id", "grade"),
    **dict.fromkeys(CLASSES, ("market_id", "customer")),
    By.SHOP: ("merchant_id",),
    By.MONTH: ("month",),
}


@dataclass(frozen=True, slots=True)
class Group:
    """The sales of one key, such as (market, product code), with their margin."""

    key: tuple[Any, ...]
    margin: Margin


@dataclass(frozen=True, slots=True)
class Table:
    """The groups of one currency, and all of them together.

    `funds_bps` is what its money costs in a year, `late_pct` what is lost of overdue money, and `lgd_bps` of money in a default.
    """

    currency: str
    groups: list[Group]
    whole: Margin
    funds_bps: int
    late_pct: int
    lgd_bps: int


def month_before(day: date, months: int) -> date:
    """Return the first day of the month so many months before that of a day."""
    return add_months(day, -months, anchor_day=1)


def margins(by: By, *, months: int, market: str, at: datetime) -> list[Table]:
    """Return the margins of sales since the month `months` - 1 before the present one, by currency; `market` is a code or empty for all.

    Loss rates are of all counted months, by market and grade. Three queries, and one for settings that changed.
    """
    rated = _by_grade()
    found = MarginRow.objects.filter(month__gte=month_before(at.astimezone(UTC).date(), months - 1))
    if market:
        found = found.filter(market_id=market)
    if by in CLASSES:
        found = found.annotate(customer=Coalesce(KeyTextTransform(by.value, "classes"), Value(""), output_field=TextField()))
    columns = tuple(dict.fromkeys(("currency", "market_id", "grade", *_COLUMNS[by])))
    parts: dict[str, dict[tuple[Any, ...], list[tuple[Sums, int]]]] = defaultdict(lambda: defaultdict(list))
    for row in found.values(*columns).annotate(**_SUMS).order_by():
        key = tuple(row[name] for name in _COLUMNS[by])
        rate = rated[row["currency"], row["market_id"]].get(row["grade"], 0)
        parts[row["currency"]][key].append((_sums(row), rate))
    return [_table(currency, by, groups) for currency, groups in sorted(parts.items())]


def _table(currency: str, by: By, groups: Mapping[tuple[Any, ...], list[tuple[Sums, int]]]) -> Table:
    funds = value_of(FUNDS[currency]) if currency in FUNDS else 0
    prices = {"funds_bps": funds, "late_pct": value_of(LATE_PCT), "lgd_bps": value_of(PROVISIONS_LGD)}
    told = [Group(key, margin_of(parts, **prices)) for key, parts in groups.items()]
    if by is By.MONTH:
        told.sort(key=lambda group: group.key, reverse=True)
    else:
        told.sort(key=lambda group: (-group.margin.sums.financed_minor, str(group.key)))
    if by is By.SHOP and len(told) > SHOPS:
        rest = [part for group in told[SHOPS:] for part in groups[group.key]]
        told = [*told[:SHOPS], Group((OTHERS,), margin_of(rest, **prices))]
    whole = margin_of((part for parts in groups.values() for part in parts), **prices)
    return Table(currency, told, whole, **prices)


def _by_grade() -> dict[tuple[str, str], dict[str, int]]:
    """Return the loss rates of each currency and market, by grade."""
    found: dict[tuple[str, str], dict[str, Sums]] = defaultdict(dict)
    for row in MarginRow.objects.values("currency", "market_id", "grade").annotate(**_SUMS).order_by():
        found[row["currency"], row["market_id"]][row["grade"]] = _sums(row)
    return {key: loss_rates(grades, 10 ** exponent(key[0])) for key, grades in found.items()}


def _sums(row: Mapping[str, Any]) -> Sums:
    return Sums(**{one.name: int(row[one.name]) for one in fields(Sums)})


def counted_at() -> datetime | None:
    """Return when the margins were counted; None before the first time."""
    found: datetime | None = MarginRow.objects.aggregate(last=Max("counted_at"))["last"]
    return found


def shop_names(keys: list[Any]) -> dict[Any, str]:
    """Return the names of shops by key."""
    return dict(Merchant.objects.filter(pk__in=[key for key in keys if key and key != OTHERS]).values_list("pk", "name"))
