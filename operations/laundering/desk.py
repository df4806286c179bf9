"""What all pages of the money laundering desk share: its officers alone see them, and each view is logged where only the desk reads it."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from core.admin import ReadOnlyAdmin
from core.clock import wall
from fraud.laundering.services import MAY_HANDLE, note_look
from operations.frame import operator


class DeskPages(ReadOnlyAdmin):
    """Pages of the desk."""

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Show them only to the desk's officers."""
        return isinstance(request.user, User) and request.user.may(MAY_HANDLE)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the menu item only to them."""
        return self.has_view_permission(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, and log the view."""
        if self.has_view_permission(request):
            note_look(user=operator(request), alert_id=None, at=wall())
        return super().changelist_view(request, extra_context)
