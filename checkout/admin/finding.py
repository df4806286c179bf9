"""Filters of held orders in the back office; each has an index of its own."""

from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import DropdownFilter, RangeNumericListFilter, TextFilter

from checkout.desk import saying
from checkout.models import OrderReview
from checkout.ruling import rules_that_hold
from checkout.states import OrderReviewStatus
from core import clock
from core.longlists import MomentFilter
from core.money import MAX_MINOR, exponent
from core.sentences import Text
from markets.queries import list_currencies

Reviews = QuerySet[OrderReview]
DAYS = (1, 3, 7, 14)
"""Choices of the filter by age, in whole days."""


def decided_between(status: OrderReviewStatus, title: Text) -> type[MomentFilter]:
    """Return a filter by the time of one of the two decisions."""

    class Decided(MomentFilter):
        """Filter: the rows with that decision between two times."""

        column = "decided_at"

        def __init__(self, *given: Any, field_path: str) -> None:
            super().__init__(*given, field_path=f"{status}_at")
            self.title = title

        def queryset(self, request: HttpRequest, queryset: Reviews) -> Reviews:
            """Return the rows with that decision between the two times."""
            found = super().queryset(request, queryset)
            return queryset if found is queryset else found.filter(status=status)

    return Decided


class RuleFilter(DropdownFilter):  # type: ignore[misc]  # the theme is untyped
    """A filter by any of the causes that hold the order."""

    title, parameter_name = _("Rule"), "held_by"

    def known(self) -> dict[str, str]:
        """Return the names of the built-in rules, and of the operators' rules in force."""
        return rules_that_hold()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the known rules, and the one named in the URL."""
        known = self.known()
        asked = request.GET.get(self.parameter_name, "")
        return [*known.items(), *([(asked, asked)] if asked and asked not in known else [])]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows that the rule held, alone or with others."""
        return queryset.filter(held_by__contains=[self.value()]) if self.value() else queryset


class AgeFilter(DropdownFilter):  # type: ignore[misc]  # the theme is untyped
    """A filter by how long ago the order was held."""

    title, parameter_name = _("Age"), "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer ages in days."""
        return [(str(days), ngettext("More than %(n)s day", "More than %(n)s days", days) % {"n": days}) for days in DAYS]

    def queryset(self, request: HttpRequest, queryset: Reviews) -> Reviews:
        """Return the rows that are older."""
        days = self.value()
        return queryset.filter(created_at__lt=clock.now() - timedelta(days=int(days))) if days in map(str, DAYS) else queryset


class CurrencyFilter(DropdownFilter):  # type: ignore[misc]  # the theme is untyped
    """A filter by the order's currency."""

    title, parameter_name = _("Currency"), "currency"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the currencies of the markets."""
        return [(code, code) for code in list_currencies()]

    def queryset(self, request: HttpRequest, queryset: Reviews) -> Reviews:
        """Return the rows in the currency."""
        return queryset.filter(currency=self.value()) if self.value() else queryset


class AmountFilter(RangeNumericListFilter):  # type: ignore[misc]  # the theme is untyped
    """A filter from one amount to another, in whole units of each order's currency."""

    title, parameter_name = _("Amount"), "amount"

    def queryset(self, request: HttpRequest, queryset: Reviews) -> Reviews:
        """Return the rows between the two amounts; text that is not an amount is ignored."""
        least, most = (_units(self.used_parameters.get(f"amount_{side}")) for side in ("from", "to"))
        if least is None and most is None:
            return queryset
        wanted = Q()
        for currency in list_currencies():
            one = Q(currency=currency)
            if least is not None:
                one &= Q(amount_minor__gte=_minor(least, currency))
            if most is not None:
                one &= Q(amount_minor__lte=_minor(most, currency))
            wanted |= one
        return queryset.filter(wanted)


class ReasonFilter(TextFilter):  # type: ignore[misc]  # the theme is untyped
    """A filter by words in the decision's or the rule's reason."""

    title, parameter_name = _("Words of the reason"), "said"

    def queryset(self, request: HttpRequest, queryset: Reviews) -> Reviews:
        """Return the rows with all these words; a word matches from its beginning."""
        return saying(queryset, self.value()) if self.value() else queryset


def _units(text: object) -> Decimal | None:
    try:
        units = Decimal(str(text or "").strip())
    except InvalidOperation:
        return None
    return units if units.is_finite() else None


def _minor(units: Decimal, currency: str) -> int:
    """Convert units of a currency to minor units, clamped to the range of an amount."""
    largest = Decimal(MAX_MINOR)
    return int(max(-largest, min(largest, units)).scaleb(exponent(currency)))
