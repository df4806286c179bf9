"""Parts of the back office's lists that tell the brand of whose person a row is."""

from collections.abc import Callable
from typing import Any

from django.db.models import F, QuerySet
from unfold.contrib.filters.admin import DropdownFilter

from brands import lists

BRAND = "brand_code"


def with_brand(rows: QuerySet[Any], consumer: str) -> QuerySet[Any]:
    """Return rows that know the brand of their consumer, who stands at the path `consumer`; no query of its own."""
    known: QuerySet[Any] = rows.annotate(**{BRAND: F(f"{consumer}__brand_id")})
    return known


def brand_column() -> Callable[[Any], str]:
    """Return a column of the brand of rows that know it (`with_brand`)."""
    return lists.brand_column(lambda row: getattr(row, BRAND))


def brand_filter(consumer: str) -> type[DropdownFilter]:
    """Return a filter by the brand of rows' consumers; a brand's consumers, and the rows of each, have an index."""
    return lists.brand_filter(lambda rows, brand: rows.filter(**{f"{consumer}__brand": brand}))
