"""The page of provisions, and its file."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from core.admin import ReadOnlyAdmin
from core.csv_files import csv_answer
from operations.frame import show
from operations.provisions.page import asked_by, header, lines_of, page_of
from reports.provisions.queries import list_months


class ProvisionPages(ReadOnlyAdmin):
    """Provisions of a month by segment and stage, with their movement."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the provisions of a month, as a page or as a CSV file; a constant number of queries."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        months = list_months()
        asked = asked_by(request, months)
        if asked.month and request.GET.get("as") == "csv":
            return csv_answer(f"provisions-{asked.month}", header(), lines_of(asked))
        return show(request, "provisions/list.html", _("Provisions"), **page_of(asked, months))
