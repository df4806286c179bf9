"""The page of sizes: the tables of the database, how fast they grow, and which rows are deleted by age."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.module_loading import import_string
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from controls.queries import may_see_settings
from core import clock
from core.adjusting import find_by_variable
from core.admin import ListedAdmin
from core.formats import number_text
from core.moments import day_words, desk_locale
from core.sentences import Text
from core.sizes import GROWTH_DAYS, Deleted, Size, list_deleted, list_sizes
from operations.adjusting.pages import MODULES
from operations.frame import operator, show
from operations.unreadable import show_unreadable

DELETED_DAYS = 30
LATE = timedelta(days=1)
"""A row may exceed its retention by this much before the page says so: rows are deleted in batches."""
_FRAMEWORK = _("The framework's own")
PARTS: dict[str, Text] = MODULES | {
    "brands": _("Brands"),
    "learning": _("Models of risk"),
    "ledger": _("Books"),
    "markets": _("Markets"),
    "notifications": _("Messages to people"),
    "plans": _("Plans"),
    "reports": _("Daily figures"),
}
"""The parts of the platform by the app that owns their tables."""


@dataclass(frozen=True, slots=True)
class Line:
    """A table as the page shows it."""

    size: Size
    what: str
    """What its rows record, if they are kept forever; else empty."""
    late: bool
    """Whether it has rows older than their retention, because they are still in use or no timer deletes them."""

    @property
    def rows(self) -> str:
        """The number of rows, as PostgreSQL estimates it."""
        return _count(self.size.rows)

    @property
    def growth(self) -> str:
        """The daily growth in bytes, as text with a sign."""
        grown = self.size.bytes_a_day
        return (
            ""
            if grown is None
            else gettext("Nothing")
            if not grown and not self.size.rows_a_day
            else _signed(grown, filesizeformat(abs(grown)))
        )

    @property
    def rows_a_day(self) -> str:
        """The daily growth in rows, as text with a sign; empty for none."""
        grown = self.size.rows_a_day
        return _signed(grown, _rows(abs(grown))) if grown else ""

    @property
    def kept(self) -> str:
        """The retention period of its rows."""
        ends = self.size.retention
        return gettext("For good") if ends is None else ngettext("%(n)s day", "%(n)s days", ends.days) % {"n": ends.days}

    @property
    def setting(self) -> str:
        """The name of the setting of the retention period; empty if its rows are kept forever."""
        found = find_by_variable(self.size.retention.setting) if self.size.retention else None
        return found.name if found else ""

    @property
    def forgotten(self) -> str:
        """The number of rows deleted on the last day with deletions."""
        return _count(self.size.forgotten) if self.size.forgotten else ""


@dataclass(frozen=True, slots=True)
class Part:
    """The tables of a part of the platform, the largest first."""

    title: Text
    lines: Sequence[Line]

    @property
    def bytes(self) -> int:
        """The bytes of its tables with their indexes."""
        return sum(line.size.bytes for line in self.lines)

    @property
    def late(self) -> int:
        """The number of its tables with rows older than their retention."""
        return sum(line.late for line in self.lines)


def _deleted(one: Deleted) -> dict[str, str]:
    kept = one.retention
    days = ngettext("%(n)s day", "%(n)s days", kept.days) % {"n": kept.days} if kept else ""
    return {"table": one.name, "rows": _rows(one.rows), "kept": days}


def _signed(number: int, text: str) -> str:
    return f"{'-' if number < 0 else '+' if number else ''}{text}"


def _rows(count: int) -> str:
    return ngettext("%(n)s row", "%(n)s rows", count) % {"n": _count(count)}


def _count(number: int) -> str:
    """Format a count with the digit grouping of the reader's language."""
    return number_text(number, desk_locale())


def _lines() -> list[Line]:
    lasting = {apps.get_model(label)._meta.db_table: what for label, what in import_string(settings.LASTING).items()}
    return [Line(size, lasting.get(size.name, "" if size.retention else _FRAMEWORK), _is_late(size)) for size in list_sizes()]


def _parts(lines: Sequence[Line]) -> list[Part]:
    """Return the parts of the platform with their tables, the largest part first."""
    owners = {model._meta.db_table: model._meta.app_label for model in apps.get_models(include_auto_created=True)}
    groups: dict[Text, list[Line]] = {}
    for line in lines:
        groups.setdefault(PARTS.get(owners.get(line.size.name, ""), _FRAMEWORK), []).append(line)
    return sorted((Part(title, tables) for title, tables in groups.items()), key=lambda part: -part.bytes)


def _is_late(size: Size) -> bool:
    ends, oldest = size.retention, size.oldest
    if ends is None or oldest is None:
        return False
    # Rows of tables guarded by database triggers expire by real time, not by the sandbox's clock.
    return oldest < (clock.wall() if ends.by_wall or ends.function else clock.now()) - timedelta(days=ends.days) - LATE


class SizesAdmin(ListedAdmin):
    """Each table's size, growth, oldest row, and retention."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: sizes are measured."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: sizes are measured."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: rows are deleted by their age."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Add the list of values that could not be opened, and that of deletions."""
        wrap = self.admin_site.admin_view
        mine = [
            path("unreadable/", wrap(show_unreadable), name="core_unreadable"),
            path("deletions/", wrap(self.deletions), name="core_deletions"),
        ]
        return [*mine, *super().get_urls()]

    def deletions(self, request: HttpRequest) -> HttpResponse:
        """List what was deleted by its age on each of the last days."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = list_deleted(DELETED_DAYS)
        days = [(day_words(day), [_deleted(one) for one in those]) for day, those in groupby(found, key=lambda one: one.day)]
        return show(request, "sizes_deleted.html", gettext("Deletions"), days=days, span=DELETED_DAYS)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List every table, the largest first; a constant number of queries."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.GET:
            return HttpResponseRedirect(request.path)
        lines = _lines()
        measured = [line.size.bytes_a_day for line in lines if line.size.bytes_a_day is not None]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Sizes"),
            "count": len(lines),
            "parts": _parts(lines),
            "may_see_settings": may_see_settings(operator(request)),
            "whole": filesizeformat(sum(line.size.bytes for line in lines)),
            "growth": _signed(sum(measured), filesizeformat(abs(sum(measured)))) if measured else "",
            "growth_days": GROWTH_DAYS,
            "late": [line for line in lines if line.late],
        }
        return TemplateResponse(request, "admin/sizes.html", context)
