"""Pages of long lists by cursor, newest first, with links to newer and older pages; no row is counted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, QueryDict

from core.api.pagination import decode_cursor, encode_cursor
from core.errors import Invalid
from core.unreadable import listing

PAGE = 25
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Slice(Generic[M]):
    """Some rows of a list, and the addresses of the next pages; an address is empty at the end of the list."""

    rows: list[M]
    newer: str
    older: str


@dataclass(frozen=True, slots=True)
class Place:
    """The order of a list, newest first (by a field, or by a moment and the key), and its cursor in an address."""

    fields: tuple[str, ...] = ("pk",)
    read: Callable[[str], Any] = decode_cursor
    write: Callable[[Any], str] = encode_cursor

    def cursor(self, row: Model) -> str:
        """Return the cursor at a row."""
        return ".".join(
            [*(f"{getattr(row, name).timestamp():.6f}" for name in self.fields[:-1]), self.write(getattr(row, self.fields[-1]))]
        )

    def order(self, sign: str) -> list[str]:
        """Return the order of the rows: newest first (`-`), or oldest first (empty)."""
        return [f"{sign}{name}" for name in self.fields]

    def beyond(self, cursor: str, side: str) -> Q:
        """Return the condition of the rows before (`lt`) or after (`gt`) a cursor; the bound on the time allows the index to be used."""
        *moments, key = cursor.rsplit(".", len(self.fields) - 1) if len(self.fields) > 1 else [cursor]
        last = Q(**{f"{self.fields[-1]}__{side}": self.read(key)})
        if len(self.fields) == 1:
            return last
        name, at = self.fields[0], _moment(moments)
        return Q(**{f"{name}__{side}e": at}) & (Q(**{f"{name}__{side}": at}) | last)


BY_KEY = Place()
BY_DAY = Place(("created_at", "pk"))


def _moment(told: list[str]) -> datetime:
    try:
        return datetime.fromtimestamp(float(told[0]), UTC)
    except (ValueError, OverflowError, OSError, IndexError):
        raise Invalid("The cursor is not one of ours.", code="cursor.invalid") from None


def slice_of(found: QuerySet[M], request: HttpRequest, *, size: int = PAGE, place: Place = BY_KEY) -> Slice[M]:
    """Return the page that the address asks for (`before`, `after`); one statement, or two when paging back reaches the newest page.

    The queryset must be unordered and unsliced. Invalid for a malformed cursor.
    """
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    if after and not before:
        rows = _read(found.filter(place.beyond(after, "gt")).order_by(*place.order("")), size + 1)
        if len(rows) > size:
            rows = rows[:size][::-1]
            return Slice(rows, _link(request, "after", place.cursor(rows[0])), _link(request, "before", place.cursor(rows[-1])))
    older = found.filter(place.beyond(before, "lt")) if before else found
    rows = _read(older.order_by(*place.order("-")), size + 1)
    more, rows = len(rows) > size, rows[:size]
    return Slice(
        rows,
        _link(request, "after", place.cursor(rows[0])) if before and rows else "",
        _link(request, "before", place.cursor(rows[-1])) if more else "",
    )


def _read(found: QuerySet[M], most: int) -> list[M]:
    with listing():
        return list(found[:most])


def read_number(cursor: str) -> int:
    """Return a cursor that is a plain number; Invalid for any other."""
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 18):
        raise Invalid("The cursor is not one of ours.", code="cursor.invalid")
    return int(cursor)


BY_NUMBER = Place(("sequence",), read_number, str)


def _link(request: HttpRequest, name: str, cursor: str) -> str:
    """Return the address of another page of the same list, with its filters."""
    query: QueryDict = request.GET.copy()
    for old in ("before", "after"):
        query.pop(old, None)
    query[name] = cursor
    return f"?{query.urlencode()}"
