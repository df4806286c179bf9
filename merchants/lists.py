"""Parts of the back office's lists that tell whose shop a row belongs to."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from unfold.contrib.filters.admin import DropdownFilter

from brands import lists
from merchants.models import Merchant


def brand_column(shop_of: Callable[[Any], Merchant]) -> Callable[[Any], str]:
    """Return a column that names the brand of a row's shop; the shop is loaded."""
    return lists.brand_column(lambda row: shop_of(row).brand_id)


def brand_filter(shop: str = "merchant") -> type[DropdownFilter]:
    """Return a filter by the brand of a row's shop, which stands in the field `shop`; it asks by the shops, of which rows have an index."""

    def narrow(rows: QuerySet[Any], brand: str) -> QuerySet[Any]:
        return rows.filter(**{f"{shop}__in": list(Merchant.objects.filter(brand_id=brand).values_list("id", flat=True))})

    return lists.brand_filter(narrow)
