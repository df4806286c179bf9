"""Long lists of the back office: newest first by key, without counts, so that a page costs the same for any number of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter, RelatedDropdownFilter
from unfold.utils import parse_datetime_str
from unfold.views import ChangeList

from core.readable import words
from core.sentences import Text

TEMPLATE = "admin/newest_first.html"


@dataclass(frozen=True, slots=True)
class Ends:
    """The parts of a paginator that the theme needs: whether to show it, and how many rows a page holds."""

    per_page: int
    count: int
    template_name: str = TEMPLATE

    def get_elided_page_range(self, _number: int) -> list[int]:
        """Return no page numbers, because pages are not counted."""
        return []


class OfferedOnly(ChangeList):  # type: ignore[misc]  # the theme is untyped
    """A list that accepts only the filters that it offers, and the `lookups` that other pages link to.

    Django itself accepts a lookup of any field in the address: with it, one could find all password hashes with a given beginning.
    """

    def get_filters(self, request: HttpRequest) -> tuple[Any, ...]:
        """Return the filters; an address with any other lookup gets a 400."""
        specs, has_filters, rest, duplicates, active = super().get_filters(request)
        unknown = set(rest) - set(getattr(self.model_admin, "lookups", ()))
        if unknown:
            raise DisallowedModelAdminLookup(f"This list is not filtered by {', '.join(sorted(unknown))}.")
        return specs, has_filters, rest, duplicates, active


class NewestFirst(OfferedOnly):
    """A list by key, newest first; a page begins at a key (`?p=before.<key>`), not at a number of rows.

    If `by` names a column, its largest values come first; this needs an index on the column and the key.
    """

    newer = older = by = ""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Model]) -> list[str]:
        """Return the only order: by key, newest first."""
        return [*([f"-{self.by}"] if self.by else []), "-pk"]

    def get_results(self, request: HttpRequest) -> None:
        """Read one page and one row more."""
        size: int = self.list_per_page
        side, key = self._place(request)
        if side == "after":
            order = [*([self.by] if self.by else []), "pk"]
            found = list(self.queryset.filter(self._beyond("gt", key)).order_by(*order)[: size + 1])
            newer, older, rows = len(found) > size, True, found[:size][::-1]
        else:
            found = list((self.queryset.filter(self._beyond("lt", key)) if side else self.queryset)[: size + 1])
            newer, older, rows = bool(side), len(found) > size, found[:size]
        self.newer = self._link("after", rows[0]) if newer and rows else ""
        self.older = self._link("before", rows[-1]) if older and rows else ""
        self._keep(rows)

    def _beyond(self, than: str, key: Any) -> Q:
        """Return the condition for the rows before (`gt`) or after (`lt`) the row of a key."""
        beyond = Q(**{f"pk__{than}": key})
        if not self.by:
            return beyond
        edge = self.model.objects.filter(pk=key).values(self.by)
        # The first part selects a range of the index; the second excludes rows that equal the edge's value but lie on its other side.
        return Q(**{f"{self.by}__{than}e": edge}) & (Q(**{f"{self.by}__{than}": edge}) | beyond)

    def _place(self, request: HttpRequest) -> tuple[str, Any]:
        side, _, key = request.GET.get(PAGE_VAR, "").partition(".")
        if side not in {"before", "after"}:
            return "", None
        try:
            return side, self.model._meta.pk.to_python(key)
        except ValidationError as error:
            raise IncorrectLookupParameters from error

    def _link(self, side: str, row: Model) -> str:
        link: str = self.get_query_string({PAGE_VAR: f"{side}.{row.pk}"})
        return link

    def _keep(self, rows: list[Model]) -> None:
        """Set the attributes that the templates read; the count is equal to the full count, so that the theme does not show it."""
        self.result_list = rows
        self.result_count = self.full_result_count = len(rows)
        self.show_full_result_count = self.show_admin_actions = self.can_show_all = self.multi_page = False
        self.page_num = 1
        self.paginator = Ends(self.list_per_page, len(rows))


def one_of(field: str, values: Iterable[str] | Mapping[str, Text]) -> tuple[str, type[ChoicesDropdownFilter]]:
    """Return a filter by a column whose codes are known in advance, so that no query is needed to list them.

    A mapping gives the names of its codes; otherwise each code is shown as words.
    """
    named = values if isinstance(values, Mapping) else {}

    class Known(ChoicesDropdownFilter):  # type: ignore[misc]
        def __init__(self, column: Field[Any, Any], *args: Any, **kwargs: Any) -> None:
            column = copy(column)
            column.choices = [(value, named.get(value) or words(value)) for value in values]
            super().__init__(column, *args, **kwargs)

    return field, Known


class MomentFilter(RangeDateTimeFilter):  # type: ignore[misc]
    """A filter from one moment to another, in UTC; an invalid text is ignored."""

    column = ""
    """The column, if it is not the filter's name in the address."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows between the two moments."""
        for side, lookup in (("from", "gte"), ("to", "lte")):
            told = " ".join(self.used_parameters.get(f"{self.parameter_name}_{side}_{part}") or "" for part in (0, 1))
            moment = parse_datetime_str(told.strip())
            if moment is not None:
                queryset = queryset.filter(**{f"{self.column or self.parameter_name}__{lookup}": moment.replace(tzinfo=UTC)})
        return queryset


class OperatorFilter(RelatedDropdownFilter):  # type: ignore[misc]
    """A filter by operator; members of shops' teams are not offered."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        """Return the operators by e-mail address."""
        chosen: list[tuple[Any, str]] = field.get_choices(include_blank=False, ordering=("email",), limit_choices_to={"is_staff": True})
        return chosen
