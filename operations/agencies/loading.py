"""The agency of a page, for who may see agencies, and for who may manage them."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from collection.models import Agency
from collection.services.agencies import MAY_MANAGE
from core.admin import ReadOnlyAdmin, find_row
from operations.frame import operator


class LoadingPages(ReadOnlyAdmin):
    """Pages of one agency."""

    def seen(self, request: HttpRequest, pk: object) -> Agency:
        """Return an agency with its market; PermissionDenied for who may not see agencies, Http404."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return find_row(Agency.objects.select_related("market"), pk)

    def managed(self, request: HttpRequest, pk: object) -> Agency:
        """Return an agency as `seen` does; PermissionDenied for who may not manage agencies too."""
        agency = self.seen(request, pk)
        if not operator(request).may(MAY_MANAGE):
            raise PermissionDenied
        return agency
