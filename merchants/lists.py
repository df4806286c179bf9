"""Parts of the back office's lists that show the brand of a row's shop."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from unfold.contrib.filters.admin import DropdownFilter

from brands import lists
from merchants.models import Merchant


def brand_column(shop_of: Callable[[Any], Merchant]) -> Callable[[Any], str]:
    """Return a column with the brand of a row's shop; the shop must be loaded."""
    return lists.brand_column(lambda row: shop_of(row).brand_id)


def brand_filter(shop: str = "merchant") -> type[DropdownFilter]:
    """Return a filter by the brand of a row's shop (field name `shop`); it queries by the brand's shops, which have an index."""

    def narrow(rows: QuerySet[Any], brand: str) -> QuerySet[Any]:
        return rows.filter(**{f"{shop}__in": list(Merchant.objects.filter(brand_id=brand).values_list("id", flat=True))})

    return lists.brand_filter(narrow)
