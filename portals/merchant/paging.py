"""Pages of long lists by key, newest first, with a way to newer and older ones; nothing is counted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict

from core.api.pagination import decode_cursor, encode_cursor
from core.errors import Invalid

PAGE = 25
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Slice(Generic[M]):
    """Some rows of a list, and the addresses of the pages beside them; empty at the ends."""

    rows: list[M]
    newer: str
    older: str


def slice_of(
    found: QuerySet[M],
    request: HttpRequest,
    *,
    size: int = PAGE,
    key: str = "pk",
    read: Callable[[str], Any] = decode_cursor,
    write: Callable[[Any], str] = encode_cursor,
) -> Slice[M]:
    """Return the page that the address asks for (`before`, `after`); one statement, two where the newest page is reached again.

    The queryset must not be ordered or cut. Invalid for a cursor that is not one of ours.
    """
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    if after and not before:
        rows = list(found.filter(**{f"{key}__gt": read(after)}).order_by(key)[: size + 1])
        if len(rows) > size:
            rows = rows[:size][::-1]
            return Slice(rows, _link(request, "after", write(_key(rows[0], key))), _link(request, "before", write(_key(rows[-1], key))))
    older = found.filter(**{f"{key}__lt": read(before)}) if before else found
    rows = list(older.order_by(f"-{key}")[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    return Slice(
        rows,
        _link(request, "after", write(_key(rows[0], key))) if before and rows else "",
        _link(request, "before", write(_key(rows[-1], key))) if more else "",
    )


def read_number(cursor: str) -> int:
    """Return a cursor that is a plain number; Invalid."""
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 18):
        raise Invalid("The cursor is not one of ours.", code="cursor.invalid")
    return int(cursor)


def _key(row: Model, key: str) -> Any:
    return getattr(row, key)


def _link(request: HttpRequest, name: str, cursor: str) -> str:
    """Return the address of another page of the same list: the filters stay."""
    query: QueryDict = request.GET.copy()
    for old in ("before", "after"):
        query.pop(old, None)
    query[name] = cursor
    return f"?{query.urlencode()}"
