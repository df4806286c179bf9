"""Filters and order of the fraud desk's cases; each filter has an index of its own."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, TextFilter

from checkout.admin.finding import RuleFilter as HeldByFilter
from controls.queries import find_rules
from controls.rule_kinds import name_shown
from core.ids import parse_id, public_id
from core.longlists import NewestFirst
from fraud.facts import BY_NAME
from fraud.models import FraudCase
from fraud.ruling import FRAUD
from fraud.states import Said
from fraud.telling import uses_of
from markets.queries import list_currencies
from merchants.models import Merchant

Cases = QuerySet[FraudCase]
MOST = 20
"""The largest number of shops that one search matches."""
MOST_VALUABLE = "most_valuable"
OPEN = "open"
"""The value in the URL for cases without a label."""


def rules_known() -> list[dict[str, Any]]:
    """Return the fraud rules in force. One query."""
    version = find_rules(FRAUD)
    return list(version.content.get("rules", ())) if version else []


def rule_names() -> dict[str, str]:
    """Return the translated names of the fraud rules in force, by their ids. One query."""
    return {rule["id"]: name_shown(rule["name"]) for rule in rules_known()}


def shop_names(shops: Iterable[str]) -> dict[str, str]:
    """Return the names of shops by their public ids. One query."""
    found = Merchant.objects.filter(pk__in={parse_id(Merchant.PREFIX, shop) for shop in shops}).values_list("id", "name")
    return {public_id(Merchant.PREFIX, key): name for key, name in found}


class LabelFilter(DropdownFilter):  # type: ignore[misc]  # the theme is untyped
    """A filter by label: fraud, honest, or none yet."""

    title, parameter_name = _("Label"), "label"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer "no label" and the two labels."""
        return [(OPEN, _("Without a label")), (Said.FRAUD.value, _("Fraud")), (Said.HONEST.value, _("Honest"))]

    def queryset(self, request: HttpRequest, queryset: Cases) -> Cases:
        """Return the rows with the label."""
        return queryset.filter(label="" if self.value() == OPEN else self.value()) if self.value() else queryset


class RuleFilter(HeldByFilter):
    """A filter by a rule that held, alone or among others."""

    parameter_name = "rule"

    def known(self) -> dict[str, str]:
        """Return the names of the fraud rules in force."""
        return rule_names()


class SignalFilter(DropdownFilter):  # type: ignore[misc]  # the theme is untyped
    """A filter by signal: finds cases in which a rule held that reads the signal, according to the rules in force."""

    title, parameter_name = _("Signal"), "signal"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer the signals that the rules in force read."""
        self.asking: dict[str, list[str]] = {}
        for rule in rules_known():
            for name in uses_of(rule):
                self.asking.setdefault(name, []).append(rule["id"])
        return sorted(((name, BY_NAME[name].title) for name in self.asking if name in BY_NAME), key=lambda one: str(one[1]))

    def queryset(self, request: HttpRequest, queryset: Cases) -> Cases:
        """Return the rows in which a rule held that reads the signal."""
        return queryset.filter(held_by__overlap=self.asking.get(self.value(), [])) if self.value() else queryset


class ShopFilter(TextFilter):  # type: ignore[misc]  # the theme is untyped
    """A filter by the shop's id or the beginning of its name."""

    title, parameter_name = _("Shop"), "shop"

    def queryset(self, request: HttpRequest, queryset: Cases) -> Cases:
        """Return the rows of these shops."""
        asked = (self.value() or "").strip()
        if not asked:
            return queryset
        found = Merchant.objects.filter(name__istartswith=asked).values_list("id", flat=True)[:MOST]
        return queryset.filter(merchant__in=[asked, *(public_id(Merchant.PREFIX, key) for key in found)])


class ValueFilter(DropdownFilter):  # type: ignore[misc]  # the theme is untyped
    """Sorts the list by value instead of time, within one currency, since amounts in two currencies cannot be compared."""

    title, parameter_name = _("Most valuable first"), MOST_VALUABLE

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the currencies of the markets."""
        return [(code, code) for code in list_currencies()]

    def queryset(self, request: HttpRequest, queryset: Cases) -> Cases:
        """Return the rows of the currency; `CaseList` sorts them."""
        return queryset.filter(currency=self.value()) if self.value() else queryset


class CaseList(NewestFirst):
    """The list of cases: newest first, or the most valuable first; each row has the names of its shop and its rules."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Model]) -> list[str]:
        """Return the order that the URL asks for."""
        self.by = "amount_minor" if request.GET.get(MOST_VALUABLE) else ""
        return super().get_ordering(request, queryset)

    def _keep(self, rows: list[Any]) -> None:
        names = shop_names(row.merchant for row in rows)
        rules = rule_names() if rows else {}
        for row in rows:
            row.shop = names.get(row.merchant, "")
            row.why = ", ".join(rules.get(rule, rule) for rule in row.held_by)
        super()._keep(rows)
