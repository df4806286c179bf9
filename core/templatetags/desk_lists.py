"""Rows of the back office's lists, as the theme draws them, but without dozens of classes in each cell and a template for each label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import ForeignKey, Model
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from unfold.templatetags.unfold_list import result_headers
from unfold.utils import display_for_field, display_for_value

if TYPE_CHECKING:
    # Imported here, because the theme imports template tags while it is being imported.
    from core.longlists import OfferedOnly

register = template.Library()


@register.inclusion_tag("admin/lean_rows.html")
def lean_list(cl: OfferedOnly) -> dict[str, Any]:
    """Return a list's headers and rows; the first cell of a row links to its page."""
    headers = list(result_headers(cl))
    columns = [_Column(cl, column, str(header["text"])) for column, header in zip(cl.list_display, headers, strict=True)]
    return {"cl": cl, "result_headers": headers, "rows": [_row(cl, row, columns) for row in cl.result_list]}


class _Column:
    """What the cells of a column share: their opening tag, and how their values are found and formatted."""

    def __init__(self, cl: OfferedOnly, column: Any, heading: str) -> None:
        name = column if isinstance(column, str) else column.__name__
        self.named = format_html('class="field-{}" data-label="{}"', name, capfirst(heading))
        self.opening = mark_safe(f"<td {self.named}>")  # noqa: S308  (escaped in the line above)
        self._column, self._cl = column, cl
        self._nothing = cl.model_admin.get_empty_value_display()
        self._tones = getattr(column, "label", None)

    def text(self, row: Model) -> Any:
        """Return a cell's text, as the theme does: a label in its tone, a choice by its label, a dash for an empty value."""
        if not callable(self._column):
            return self._field_text(row)
        try:
            value = self._column(row)
        except ObjectDoesNotExist:
            return self._nothing
        return self._value_text(value, self._tones, getattr(self._column, "boolean", False))

    def _field_text(self, row: Model) -> Any:
        """Return the text of a column that is named by a string: a field, or an attribute of the admin or the model."""
        try:
            field, shown_by, value = lookup_field(self._column, row, self._cl.model_admin)
        except ObjectDoesNotExist:
            return self._nothing
        if field is not None and not field.auto_created:
            if isinstance(field, ForeignKey):
                related = getattr(row, field.name)
                return self._nothing if related is None else related
            return display_for_field(value, field, self._nothing)
        return self._value_text(value, getattr(shown_by, "label", None), getattr(shown_by, "boolean", False))

    def _value_text(self, value: Any, tones: Any, boolean: bool) -> Any:
        if isinstance(tones, dict) and isinstance(value, tuple):
            return format_html('<span class="desk-tag desk-tag-{}">{}</span>', tones.get(value[0], "default"), value[1])
        return display_for_value(value, self._nothing, boolean)


def _row(cl: OfferedOnly, row: Model, columns: list[_Column]) -> SafeString:
    first, *others = columns
    path = cl.url_for_result(row)
    if cl.preserved_filters:
        path = add_preserved_filters({"preserved_filters": cl.preserved_filters, "opts": cl.opts}, path)
    head = format_html('<th {} scope="row"><a href="{}">{}</a></th>', first.named, path, first.text(row))
    return mark_safe(head + "".join(f"{one.opening}{conditional_escape(one.text(row))}</td>" for one in others))  # noqa: S308  (escaped)
