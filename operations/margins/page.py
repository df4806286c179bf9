"""The page of margins as plain values, and the lines of its file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.classes import Classes
from accounts.models import CustomerClass, User
from controls.queries import may_see_rules, may_see_settings
from controls.rule_kinds import get_rule_kind
from core.ids import public_id
from core.moments import amount_words, day_words, percent_words
from core.money import units_of
from merchants.models import Merchant
from operations.choosing import all_markets, chosen, chosen_number
from operations.margins.adapting import LEVERS, segment_of
from operations.wording import product_names
from reports.margins.queries import CLASSES, OTHERS, By, Group, Table, counted_at, margins, shop_names
from reports.margins.rules import Margin

SPANS = (3, 6, 12, 24)
NO_SHARE = "–"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page was asked for: the grouping, the number of months, and a market's code or an empty text for all."""

    by: By
    months: int
    market: str

    def query(self, **changed: Any) -> str:
        """Return the query string of the page, with some values changed."""
        return "?" + urlencode({"by": self.by.value, "months": self.months, "market": self.market} | changed)


def asked_by(request: HttpRequest) -> Asked:
    """Return what a request asks for; unknown values count as none."""
    by = request.GET.get("by", "")
    return Asked(
        By(by) if by in set(By) else By.PRODUCT,
        chosen_number(request, "months", SPANS, 12),
        chosen(request, "market", all_markets()),
    )


def _titles() -> dict[By, str]:
    axes = {By(axis): str(title) for axis, title in CustomerClass.AXES.items()}
    return {By.PRODUCT: _("Product"), By.GRADE: _("Grade"), **axes, By.SHOP: _("Shop"), By.MONTH: _("Month of the purchase")}


def _columns() -> list[str]:
    """Return the titles of the columns of figures, what is left first, then the amounts of `_amounts` of which it is made."""
    return [
        *(_("Plans"), _("Financed"), _("Margin"), _("Margin, share"), _("Losses, share"), _("Fees of shops"), _("Interest")),
        *(_("Cost of money"), _("Bureaus and banks"), _("Gateways"), _("Known losses")),
        *(_("Expected by probability"), _("Expected by grade"), _("Expected of overdue")),
    ]


def _amounts(one: Margin) -> tuple[int, ...]:
    """Return the amounts of a margin in minor units; costs are negative."""
    sums = one.sums
    costs = (-one.money_minor, -sums.asked_minor, -sums.gateways_minor, -sums.lost_minor)
    return (sums.financed_minor, sums.fees_minor, sums.interest_minor, *costs, *(-minor for minor in _expected(one)))


def _expected(one: Margin) -> tuple[int, int, int]:
    """Return the losses still expected, in minor units: by stored probabilities, by what was lost in the grade, and of overdue money."""
    return one.by_chance_minor, one.by_grade_minor, one.overdue_minor


def page_of(asked: Asked, user: User, at: datetime) -> dict[str, Any]:
    """Return the content of the page."""
    tables = margins(asked.by, months=asked.months, market=asked.market, at=at)
    names = _names(asked, tables)
    shops = (_public_ids(tables) if asked.by is By.SHOP else {}) if may_see_rules(user) else None
    return {
        "tables": [_shown(table, asked, names, shops, user) for table in tables],
        "columns": _columns(),
        "key_title": _titles()[asked.by],
        "counted_at": counted_at(),
        "asked": asked,
        "groupings": list(_titles().items()),
        "spans": [(months, ngettext("%(n)s month", "%(n)s months", months) % {"n": months}) for months in SPANS],
        "markets": all_markets(),
        "file": asked.query(**{"as": "csv"}),
        "levers": _levers() if may_see_rules(user) else [],
        "settings_link": reverse("admin:controls_settingchange_changelist") + "?q=reports." if may_see_settings(user) else "",
    }


def _levers() -> list[tuple[str, str]]:
    """Return the pages of the rules that change what a sale earns and costs."""
    return [(str(get_rule_kind(name).title), reverse("admin:controls_rules", args=[name])) for name in LEVERS]


def _public_ids(tables: list[Table]) -> dict[Any, str]:
    """Return the public ids of the shops in tables, by key."""
    return {
        key: public_id(Merchant.PREFIX, key)
        for table in tables
        for (key,) in (one.key for one in table.groups)
        if key not in (OTHERS, None)
    }


def _adapt(group: Group, asked: Asked, shops: dict[Any, str] | None) -> str:
    """Return the address from which rules about a group are drafted; empty for who may not see rules, and for groups without rules."""
    segment = segment_of(asked.by, group.key, shops) if shops is not None else None
    return f"{reverse('admin:reports_margin_adapt')}?{segment.query}" if segment else ""


def _shown(table: Table, asked: Asked, names: dict[Any, str], shops: dict[Any, str] | None, user: User) -> dict[str, Any]:
    links = user.has_perm("merchants.view_merchant") if asked.by is By.SHOP else user.has_perm("plans.view_product")
    return {
        "currency": table.currency,
        "rows": [
            {"name": _name(group, asked, names), "link": _link(group, asked) if links else "", "adapt": _adapt(group, asked, shops)}
            | _cells(group.margin, table.currency)
            for group in table.groups
        ],
        "whole": _cells(table.whole, table.currency),
        "funds": percent_words(table.funds_bps),
        "late": percent_words(table.late_pct * 100),
        "default": percent_words(table.lgd_bps),
        "expected": [amount_words(minor, table.currency) for minor in _expected(table.whole)],
    }


def _cells(one: Margin, currency: str) -> dict[str, Any]:
    financed, *others = (amount_words(minor, currency) for minor in _amounts(one))
    losses, share = (_share(bps) for bps in (one.loss_bps, one.bps))
    cells = [str(one.sums.plans), financed, amount_words(one.minor, currency), share, losses, *others]
    return {"cells": list(zip(_columns(), cells, strict=True)), "is_loss": one.minor < 0}


def _share(bps: int | None) -> str:
    return NO_SHARE if bps is None else percent_words(bps)


def _names(asked: Asked, tables: list[Table]) -> dict[Any, str]:
    """Return the names of the keys; at most one query."""
    if asked.by is By.SHOP:
        return shop_names([group.key[0] for table in tables for group in table.groups])
    if asked.by is By.PRODUCT:
        return product_names()
    return {}


def _name(group: Group, asked: Asked, names: dict[Any, str]) -> str:
    first = group.key[0]
    if asked.by is By.MONTH:
        return day_words(first, "month")
    if asked.by is By.SHOP:
        return _("All other shops") if first == OTHERS else names.get(first, "") or _("Without a shop")
    market, other = group.key
    if asked.by is By.GRADE:
        return f"{market} · {other}" if other else _("%(market)s · without a grade") % {"market": market}
    if asked.by in CLASSES:
        title = _class_title(asked.by, other)
        return f"{market} · {title}" if other else _("%(market)s · without a class") % {"market": market}
    return f"{market} · {names.get(group.key, other)}" if other else _("%(market)s · without a purchase") % {"market": market}


def _class_title(by: By, code: str) -> str:
    """Return the title of a class, or its code if there is no such class any more."""
    return Classes(by.value).get(code, code)


def _link(group: Group, asked: Asked) -> str:
    if asked.by is By.SHOP and group.key[0] not in (OTHERS, None):
        return reverse("admin:merchants_merchant_change", args=[group.key[0]])
    return ""


def header(asked: Asked) -> list[str]:
    """Return the heading of the file."""
    return [_("Currency"), _titles()[asked.by], *_columns()]


def lines_of(asked: Asked, at: datetime) -> Iterator[list[str | int | Decimal]]:
    """Yield the lines of the file, amounts in units of their currency, shares in percent."""
    tables = margins(asked.by, months=asked.months, market=asked.market, at=at)
    names = _names(asked, tables)
    for table in tables:
        for group in table.groups:
            one = group.margin
            amounts = [units_of(minor, table.currency) for minor in _amounts(one)]
            shares = ["" if bps is None else Decimal(bps) / 100 for bps in (one.loss_bps, one.bps)]
            left = units_of(one.minor, table.currency)
            yield [table.currency, _name(group, asked, names), one.sums.plans, amounts[0], left, shares[1], shares[0], *amounts[1:]]
