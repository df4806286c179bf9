"""The rows of the back office's lists: what the theme shows, without its dozens of classes in each cell and its template for each label."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django import template
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import ForeignKey, Model
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from unfold.templatetags.unfold_list import result_headers
from unfold.utils import display_for_field, display_for_value

if TYPE_CHECKING:
    # At run time the theme reads template tags while it is itself being loaded.
    from core.longlists import OfferedOnly

register = template.Library()


@register.inclusion_tag("admin/lean_rows.html")
def lean_list(cl: OfferedOnly) -> dict[str, Any]:
    """Return a list's headers and rows; a row's first cell leads to its page."""
    headers = list(result_headers(cl))
    labels = [capfirst(str(header["text"])) for header in headers]
    names = [name if isinstance(name, str) else name.__name__ for name in cl.list_display]
    columns = list(zip(cl.list_display, names, labels, strict=True))
    return {"cl": cl, "result_headers": headers, "rows": [mark_safe("".join(_cells(cl, row, columns))) for row in cl.result_list]}  # noqa: S308  (each cell is escaped)


def _cells(cl: OfferedOnly, row: Model, columns: list[tuple[Any, str, str]]) -> Iterator[SafeString]:
    for place, (column, name, label) in enumerate(columns):
        text = _text(cl, row, column)
        if place:
            yield format_html('<td class="field-{}" data-label="{}">{}</td>', name, label, text)
        else:
            path = cl.url_for_result(row)
            if cl.preserved_filters:
                path = add_preserved_filters({"preserved_filters": cl.preserved_filters, "opts": cl.opts}, path)
            yield format_html('<th class="field-{}" data-label="{}" scope="row"><a href="{}">{}</a></th>', name, label, path, text)


def _text(cl: OfferedOnly, row: Model, column: Any) -> Any:
    """Return what a cell says, as the theme would: a label by its tone, a choice by its words, a dash for nothing."""
    nothing = cl.model_admin.get_empty_value_display()
    try:
        field, shown_by, value = lookup_field(column, row, cl.model_admin)
    except ObjectDoesNotExist:
        return nothing
    if field is not None and not field.auto_created:
        if isinstance(field, ForeignKey):
            related = getattr(row, field.name)
            return nothing if related is None else related
        return display_for_field(value, field, nothing)
    tones = getattr(shown_by, "label", None)
    if isinstance(tones, dict) and isinstance(value, tuple):
        return format_html('<span class="desk-tag desk-tag-{}">{}</span>', tones.get(value[0], "default"), value[1])
    return display_for_value(value, nothing, getattr(shown_by, "boolean", False))
