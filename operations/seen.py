"""The pages of rows that are about a person: whole for who may see people, without who it is for everybody else."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.admin import keep_look
from core.admin import ReadOnlyAdmin, find_row, looking
from operations.frame import may_see, show

LOOKS = {"orders/line": "person", "money/declined": "person"}
"""What a look is kept as (`Look.PAGES`), where it is not the page's own name."""


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
    """Show a row's page (`orders/order`). Who may not see people reads the account's id in place of the name, and no look is kept.

    `facts` returns the page's values; with `consumer` and `person` where the row is about somebody, and `named` where the title needs
    another name than the row's. Templates ask `sees` before they show
    what else tells of a person: free text and documents.
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
    """Return what a row is called in a page's title: the shop's reference, else its id."""
    return str(getattr(row, "merchant_reference", "") or getattr(row, "public_id", ""))


class SeenWhole(ReadOnlyAdmin):
    """Shows a row's page as people read it, in place of a list of its fields."""

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
