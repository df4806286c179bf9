"""Rows of the database among the values that a page is rendered from: a template gets plain values."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.template.context import BaseContext
from django.test.signals import template_rendered

PAGES = ("portals/", "admin/orders/end.html", "admin/people/confirm.html", "admin/people/looks.html")
"""Beginnings of the names of the templates that are watched: all of the portals, and of the back office those that are done."""
ALLOWED = {"user", "log_entries"}
"""What Django's own context processors and its admin site add."""


def rows_in(name: str, value: Any) -> Iterator[str]:
    """Yield where rows lie in a value: `order: Order`, `desk.membership: Membership`."""
    if isinstance(value, Model | QuerySet):
        yield f"{name}: {type(value).__name__}"
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from rows_in(f"{name}.{field.name}", getattr(value, field.name))
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from rows_in(f"{name}.{key}", one)
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from rows_in(f"{name}[]", one)


def rows_of_page(context: BaseContext) -> set[str]:
    """Return where rows lie in the values of a page."""
    return {found for name, value in context.flatten().items() if name not in ALLOWED for found in rows_in(str(name), value)}


@contextmanager
def pages_watched() -> Iterator[dict[str, set[str]]]:
    """Gather the rows that the watched templates get, by template, while the block runs."""
    seen: dict[str, set[str]] = {}

    def look(sender, template, context, **kwargs):
        if str(template.name).startswith(PAGES) and (found := rows_of_page(context)):
            seen.setdefault(template.name, set()).update(found)

    template_rendered.connect(look)
    try:
        yield seen
    finally:
        template_rendered.disconnect(look)
