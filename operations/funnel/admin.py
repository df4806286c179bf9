"""The page of the funnel, its file, and the checkouts that stopped at a page."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from checkout.journeys import STEPS
from core import clock
from core.admin import ReadOnlyAdmin
from core.csv_files import csv_answer
from operations.frame import operator, show
from operations.funnel.page import asked_by, header, lines_of, page_of, stopped_of


class FunnelPages(ReadOnlyAdmin):
    """How many checkouts reach each page, by market, shop, device, way of opening and span."""

    def get_urls(self) -> list[URLPattern]:
        """Add the page of checkouts that stopped at a page."""
        view = self.admin_site.admin_view(self.stopped)
        return [path("stopped/<str:step>/", view, name="reports_funnel_stopped"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the funnel, as a page or as a CSV file; a constant number of queries."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = asked_by(request, clock.now())
        if request.GET.get("as") == "csv":
            return csv_answer(f"funnel-{asked.span.first}-{asked.span.last}", header(), lines_of(asked))
        return show(request, "funnel/list.html", _("Checkout funnel"), **page_of(asked))

    def stopped(self, request: HttpRequest, step: str) -> HttpResponse:
        """Show the newest checkouts that came no further than a page; a constant number of queries."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if step not in STEPS:
            raise Http404
        asked = asked_by(request, clock.now())
        return show(request, "funnel/stopped.html", _("Where people stopped"), **stopped_of(asked, step, operator(request)))
