"""Parts of the back office's lists that tell whose shop a row belongs to."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from brands.queries import get_brand, list_brands
from core.admin import display
from merchants.models import Merchant


def brand_column(shop_of: Callable[[Any], Merchant]) -> Callable[[Any], str]:
    """Return a column that names the brand of a row's shop; the shop is loaded, and the brand is in the cache."""

    @display(description=_("Brand"))
    def brand(row: Any) -> str:
        return get_brand(shop_of(row).brand_id).name

    return brand


def brand_filter(shop: str = "merchant") -> type[DropdownFilter]:
    """Return a filter by the brand of a row's shop, which stands in the field `shop`; it asks by the shops, of which rows have an index."""

    class BrandFilter(DropdownFilter):  # type: ignore[misc]  # the theme is untyped
        title, parameter_name = _("Brand"), "brand"

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return [(brand.code, brand.name) for brand in list_brands()]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            if not self.value():
                return queryset
            shops = list(Merchant.objects.filter(brand_id=self.value()).values_list("id", flat=True))
            return queryset.filter(**{f"{shop}__in": shops})

    return BrandFilter
