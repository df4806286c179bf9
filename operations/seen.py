"""Pages of rows about a person: complete for operators who may see people, without the person's identity for others."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.admin import keep_look
from core.admin import ReadOnlyAdmin, find_row, looking
from operations.frame import may_see, show

LOOKS = {"orders/line": "person", "orders/notice": "decision", "money/declined": "person"}
"""The name under which a look is logged (`Look.PAGES`), if it is not the page's own name."""


def show_whole(
    admin: ReadOnlyAdmin,
    request: HttpRequest,
    rows: QuerySet[Any],
    pk: object,
    *,
    page: str,
    facts: Callable[[Any], dict[str, Any]],
    title: str,
) -> HttpResponse:
    """Show a row's page (`orders/order`). For operators who may not see people, the account's id replaces the name.

    A look is logged if the operator may see people. `facts` returns the page's values, with `consumer` and `person` if the row is about
    somebody, and `named` if the title needs another name than the row's. Templates check `sees` before they show other personal data: free
    text and documents.
    """
    if not admin.has_view_permission(request):
        raise PermissionDenied
    row = find_row(rows, pk)
    told, sees = facts(row), may_see(request)
    consumer = told.get("consumer")
    if consumer is not None and sees:
        keep_look(request, LOOKS.get(page, page.rpartition("/")[2]), [consumer.pk])
    elif consumer is not None:
        told["person"] = consumer.public_id
    return show(request, f"{page}.html", f"{title} {told.pop('named', '') or name_of(row)}", sees=sees, model_admin=admin, **told)


def name_of(row: Model) -> str:
    """Return a row's name for a page's title: the shop's reference, else its id."""
    return str(getattr(row, "merchant_reference", "") or getattr(row, "public_id", ""))


class SeenWhole(ReadOnlyAdmin):
    """Mixin that shows a row's own page in place of the admin's list of fields."""

    page: str
    title: Any
    facts: Callable[[Any], dict[str, Any]]
    joined: tuple[str, ...] = ()

    @looking
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show everything about a row."""
        rows = self.model.objects.select_related(*self.joined)
        return show_whole(self, request, rows, object_id, page=self.page, facts=self.facts, title=str(self.title))
