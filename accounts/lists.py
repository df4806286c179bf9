"""Parts of the back office's lists that show the brand of a row's consumer."""

from collections.abc import Callable
from typing import Any

from django.db.models import F, QuerySet
from unfold.contrib.filters.admin import DropdownFilter

from brands import lists

BRAND = "brand_code"


def with_brand(rows: QuerySet[Any], consumer: str) -> QuerySet[Any]:
    """Load with each row the brand of its consumer, who is at the path `consumer`; no extra query."""
    known: QuerySet[Any] = rows.annotate(**{BRAND: F(f"{consumer}__brand_id")})
    return known


def brand_column() -> Callable[[Any], str]:
    """Return a column with the brand that `with_brand` loaded."""
    return lists.brand_column(lambda row: getattr(row, BRAND))


def brand_filter(consumer: str) -> type[DropdownFilter]:
    """Return a filter by the brand of rows' consumers; the consumers of a brand, and the rows of each consumer, have an index."""
    return lists.brand_filter(lambda rows, brand: rows.filter(**{f"{consumer}__brand": brand}))
