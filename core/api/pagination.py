"""Cursor pages: newest first, by key, without counting rows."""

import base64
import binascii
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from core.errors import Invalid
from core.sentences import Sentence
from core.unreadable import listing

DEFAULT_LIMIT = 25
MAX_LIMIT = 100
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list, and the cursor of the next page (None at the end)."""

    rows: Sequence[Any]
    next_cursor: str | None

    def as_json(self, show: Callable[[Any], Any]) -> dict[str, Any]:
        """Return the page as JSON values, each row by `show`."""
        return {"data": [show(row) for row in self.rows], "next_cursor": self.next_cursor}


def encode_cursor(key: uuid.UUID) -> str:
    """Return the opaque cursor after a row."""
    return base64.urlsafe_b64encode(key.bytes).decode().rstrip("=")


def decode_cursor(cursor: str) -> uuid.UUID:
    """Return the key in a cursor; Invalid where it is not a cursor of ours."""
    try:
        return uuid.UUID(bytes=base64.b64decode(cursor + "==", altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        raise Invalid(
            "The cursor is not one of ours.", code="cursor.invalid", fields={"cursor": Sentence("take it from next_cursor")}
        ) from None


def paginate(rows: QuerySet[M], *, cursor: str | None, limit: int) -> Page:
    """Return the page of a queryset after a cursor, newest first; the queryset must not be ordered or sliced yet."""
    if cursor:
        rows = rows.filter(pk__lt=decode_cursor(cursor))
    with listing():
        return cut(list(rows.order_by("-pk")[: limit + 1]), limit)


def cut(found: Sequence[Model], limit: int) -> Page:
    """Return the page of rows that were read with one row more than the limit, which tells whether there is a next page."""
    more = len(found) > limit
    return Page(found[:limit], encode_cursor(found[limit - 1].pk) if more else None)
