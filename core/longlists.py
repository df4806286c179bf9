"""Long lists of the back office: newest first by key, nothing counted, so that each page costs the same however many rows there are."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import ValidationError
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter, RelatedDropdownFilter
from unfold.utils import parse_datetime_str
from unfold.views import ChangeList

TEMPLATE = "admin/newest_first.html"


@dataclass(frozen=True, slots=True)
class Ends:
    """What the theme asks of a paginator: how to show it, and how much a page holds."""

    per_page: int
    count: int
    template_name: str = TEMPLATE

    def get_elided_page_range(self, _number: int) -> list[int]:
        """Return no page numbers: nobody knows how many there are."""
        return []


class OfferedOnly(ChangeList):  # type: ignore[misc]  # the theme is untyped
    """A list that is narrowed by nothing but the filters that it offers, and the `lookups` that the pages link to.

    Django takes any field of the model from the address: one could ask for all passwords that begin like this.
    """

    def get_filters(self, request: HttpRequest) -> tuple[Any, ...]:
        """Return the filters; an address that asks for anything else is refused (400)."""
        specs, has_filters, rest, duplicates, active = super().get_filters(request)
        unknown = set(rest) - set(getattr(self.model_admin, "lookups", ()))
        if unknown:
            raise DisallowedModelAdminLookup(f"This list is not filtered by {', '.join(sorted(unknown))}.")
        return specs, has_filters, rest, duplicates, active


class NewestFirst(OfferedOnly):
    """A list by key, newest first; a page begins at a key (`?p=before.<key>`), not at a number of rows."""

    newer = older = ""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Model]) -> list[str]:
        """Return the one order that there is."""
        return ["-pk"]

    def get_results(self, request: HttpRequest) -> None:
        """Read one page and one row more."""
        size: int = self.list_per_page
        side, key = self._place(request)
        if side == "after":
            found = list(self.queryset.filter(pk__gt=key).order_by("pk")[: size + 1])
            newer, older, rows = len(found) > size, True, found[:size][::-1]
        else:
            found = list((self.queryset.filter(pk__lt=key) if side else self.queryset)[: size + 1])
            newer, older, rows = bool(side), len(found) > size, found[:size]
        self.newer = self._link("after", rows[0]) if newer and rows else ""
        self.older = self._link("before", rows[-1]) if older and rows else ""
        self._keep(rows)

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
        """Keep what the templates read; a count that equals the full count is not shown."""
        self.result_list = rows
        self.result_count = self.full_result_count = len(rows)
        self.show_full_result_count = self.show_admin_actions = self.can_show_all = self.multi_page = False
        self.page_num = 1
        self.paginator = Ends(self.list_per_page, len(rows))


def one_of(field: str, values: Iterable[str]) -> tuple[str, type[ChoicesDropdownFilter]]:
    """Return a list's filter by a column of codes that are known beforehand: nothing is read to find out which there are."""
    known = [(value, value.replace("_", " ").capitalize()) for value in values]

    class Known(ChoicesDropdownFilter):  # type: ignore[misc]
        def __init__(self, column: Field[Any, Any], *args: Any, **kwargs: Any) -> None:
            column = copy(column)
            column.choices = known
            super().__init__(column, *args, **kwargs)

    return field, Known


class MomentFilter(RangeDateTimeFilter):  # type: ignore[misc]
    """A filter from one moment to another, in UTC; what is none narrows nothing."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return what lies between the two."""
        for side, lookup in (("from", "gte"), ("to", "lte")):
            told = " ".join(self.used_parameters.get(f"{self.parameter_name}_{side}_{part}") or "" for part in (0, 1))
            moment = parse_datetime_str(told.strip())
            if moment is not None:
                queryset = queryset.filter(**{f"{self.parameter_name}__{lookup}": moment.replace(tzinfo=UTC)})
        return queryset


class OperatorFilter(RelatedDropdownFilter):  # type: ignore[misc]
    """A filter by somebody of ours: shops' teams are not among those to choose from."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        """Return the operators by e-mail address."""
        chosen: list[tuple[Any, str]] = field.get_choices(include_blank=False, ordering=("email",), limit_choices_to={"is_staff": True})
        return chosen
