"""Parts of the back office's lists that show a row's brand."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from brands.queries import get_brand, list_brands
from core.admin import display


def brand_column(brand_of: Callable[[Any], str | None]) -> Callable[[Any], str]:
    """Return a column with the name of a row's brand, which is read from the cache by its code."""

    @display(description=_("Brand"))
    def brand(row: Any) -> str:
        return get_brand(brand_of(row)).name

    return brand


def brand_filter(narrow: Callable[[QuerySet[Any], str], QuerySet[Any]]) -> type[DropdownFilter]:
    """Return a filter by brand; `narrow` filters rows to the brand with a code."""

    class BrandFilter(DropdownFilter):  # type: ignore[misc]  # the theme is untyped
        title, parameter_name = _("Brand"), "brand"

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return [(brand.code, brand.name) for brand in list_brands()]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            code: str | None = self.value()
            return narrow(queryset, code) if code else queryset

    return BrandFilter
