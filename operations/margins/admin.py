"""The page of margins, and its file."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from core import clock
from core.admin import ReadOnlyAdmin
from core.csv_files import csv_answer
from operations.frame import operator, show
from operations.margins.adapting import adapt
from operations.margins.page import asked_by, header, lines_of, page_of


class MarginPages(ReadOnlyAdmin):
    """Margins by product, grade, customer class, shop or month."""

    def get_urls(self) -> list[URLPattern]:
        """Add the page that leads from a segment to rules about it."""
        return [path("adapt/", self.admin_site.admin_view(adapt), name="reports_margin_adapt"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the margins, as a page or as a CSV file; a constant number of queries."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked, at = asked_by(request), clock.now()
        if request.GET.get("as") == "csv":
            return csv_answer(f"margins-{asked.by}-{at:%Y-%m-%d}", header(asked), lines_of(asked, at))
        return show(request, "margins/list.html", _("Margins"), **page_of(asked, operator(request), at))
