"""Base classes of the back office: it shows most rows read-only, and changes them only through services."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache, wraps
from typing import Any, TypeVar

from cryptography.exceptions import InvalidTag
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import CharField, DateTimeField, JSONField, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold import decorators
from unfold.admin import ModelAdmin, TabularInline

from core.crypto import EncryptedJSONField, as_error
from core.errors import DomainError, Invalid, NotFound
from core.formats import percent_text
from core.ids import parse_id
from core.longlists import NewestFirst, OfferedOnly
from core.moments import amount_words, day_words, desk_locale, moment_words
from core.readable import readable, words
from core.sentences import Text
from core.unreadable import listing

F = TypeVar("F", bound=Callable[..., Any])
M = TypeVar("M", bound=Model)
Column = Callable[[Any], Any]
STATUS = _("Status")
TONES = {
    **dict.fromkeys(("authorized", "partially_captured", "pending", "prepared", "unknown", "under_way", "sent", "refer"), "info"),
    **dict.fromkeys(
        (
            "captured",
            "succeeded",
            "active",
            "approve",
            "approved",
            "paid",
            "completed",
            "verified",
            "won",
            "confirmed",
            "cleared",
            "kept_in_full",
        ),
        "success",
    ),
    **dict.fromkeys(("pending_review", "waiting", "partially_paid", "wanted", "step_up", "part_kept"), "warning"),
    **dict.fromkeys(("failed", "overdue", "decline", "rejected", "lost", "reversed", "reported", "charged_off", "broken"), "danger"),
    **dict.fromkeys(("open", "voided", "expired", "canceled", "closed", "fell_away"), "default"),
}
"""The tone of a status or of a credit decision, wherever it is listed, by its word: the kernel knows no app's states."""


def display(**how: Any) -> Callable[[F], F]:
    """Set how a column is shown (`description`, `ordering`, `label`): the theme's own decorator, typed."""
    return decorators.display(**how)  # type: ignore[no-any-return]


def looking(view: F) -> F:
    """Let a page that is only read (GET, HEAD) show the word "unreadable" for a value that cannot be decrypted, instead of failing."""

    @wraps(view)
    def shown(admin: ModelAdmin, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return view(admin, request, *args, **kwargs)  # type: ignore[no-any-return]
        with listing():
            answer = view(admin, request, *args, **kwargs)
            return answer.render() if isinstance(answer, TemplateResponse) else answer

    return shown  # type: ignore[return-value]


def _column(name: str, field: str, description: Text, show: Column, **how: Any) -> Column:
    """Return a column of a list; `name` is its name in the style sheet."""

    def column(row: Any) -> Any:
        return show(row)

    column.__name__ = name
    return display(description=description, ordering=field, **how)(column)


def unbroken(text: str) -> str:
    """Return a text that no line breaks."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def moment_cell(at: datetime) -> str:
    """Write a moment in UTC for a column, "Nov 22, 2026 10:30 UTC": a narrow one shows the time below the day, and breaks neither."""
    return f"{unbroken(day_words(at.astimezone(UTC).date()))} {unbroken(moment_words(at, 'hour'))}"


def text_column(field: str, description: Text) -> Column:
    """Return a column of a field under another heading."""
    return _column(field, "id" if field == "public_id" else field, description, lambda row: getattr(row, field))


def words_column(field: str, description: Text) -> Column:
    """Return a column of codes, as words."""
    return _column(field, field, description, lambda row: words(getattr(row, field)))


def word_column(field: str, description: Text, word: Callable[[Any], str]) -> Column:
    """Return a column of codes, each as `word` names it."""
    return _column(field, field, description, lambda row: word(getattr(row, field)))


def choice_column(field: str, description: Text) -> Column:
    """Return a column of a choice, shown by the choice's label."""
    return _column(field, field, description, lambda row: getattr(row, f"get_{field}_display")())


def status_column(field: str = "status", description: Text = STATUS, tones: Mapping[str, str] = TONES) -> Column:
    """Return a column of a status as a label in its tone."""

    def show(row: Any) -> tuple[str, str]:
        status = getattr(row, field)
        return status, words(status)

    return _column(field, field, description, show, label=dict(tones))


def money_column(field: str, description: Text, name: str = "amount") -> Column:
    """Return a column of minor units in the row's currency, as money; `name` tells several such columns apart."""

    def show(row: Any) -> str | None:
        minor = getattr(row, field)
        return None if minor is None else amount_words(minor, row.currency)

    return _column(name, field, description, show)


def percent_column(field: str, description: Text) -> Column:
    """Return a column of basis points, as a percentage."""
    return _column(field, field, description, lambda row: percent_text(getattr(row, field), desk_locale()))


def moment_column(field: str, description: Text, where: Callable[[Any], bool] = lambda _row: True) -> Column:
    """Return a column of moments, as `moment_cell` writes them; only rows for which `where` holds show one."""

    def show(row: Any) -> str | None:
        at: datetime | None = getattr(row, field) if where(row) else None
        return moment_cell(at) if at else None

    return _column(field, field, description, show)


def date_column(field: str, description: Text) -> Column:
    """Return a column of days: "Nov 22, 2026"."""
    return _column(field, field, description, lambda row: unbroken(day_words(getattr(row, field))))


def readable_column(field: str, description: Text) -> Column:
    """Return a column of a stored structure, as a list of names and values; amounts in the currency of the row or its market."""

    def show(row: Any) -> str:
        currency = getattr(row, "currency", "") or getattr(getattr(row, "market", None), "currency", "")
        return readable(getattr(row, field), currency)

    return _column(field, field, description, show)


@cache
def shown_field(model: type[Model], name: str | Column) -> str | Column:
    """Return how a page shows a field: money, moments with their zone, codes as words, structures readable; any other field as it is.

    The same field always gets the same column object, because the forms tell columns apart by identity.
    """
    if not isinstance(name, str) or name not in {field.name for field in model._meta.fields}:
        return name
    field = model._meta.get_field(name)
    label = getattr(field, "verbose_name", name)
    if name.endswith("_minor") and hasattr(model, "currency"):
        return money_column(name, label, name)
    if isinstance(field, DateTimeField):
        return moment_column(name, label)
    if isinstance(field, JSONField | EncryptedJSONField):
        return readable_column(name, label)
    if name in {"status", "kind", "outcome", "identity"} and isinstance(field, CharField) and not field.choices:
        return words_column(name, label)
    return name


class ReadOnlyInline(TabularInline):  # type: ignore[misc]  # the theme is untyped
    """Read-only rows on an object's page; `shown` names their columns."""

    shown: tuple[str, ...] = ()
    extra = 0
    can_delete = False
    hide_title = True

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str | Column]:
        """Show money, moments and codes as people read them."""
        return [shown_field(self.model, name) for name in self.shown]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str | Column]:
        """Offer nothing to change."""
        return self.get_fields(request, obj)


class ListedAdmin(ModelAdmin):  # type: ignore[misc]  # the theme is untyped
    """The base of every admin: a list accepts only the filters that it offers."""

    list_per_page = 50
    lookups: tuple[str, ...] = ()
    """More lookups that links on our own pages use."""
    nothing: tuple[Text, Text] = (_("Nothing here yet"), "")
    """The text of an empty list: a heading, and what the list would show."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model | None:
        """Return the object of a key; an empty `from_field` counts as none."""
        return super().get_object(request, object_id, from_field or None)  # type: ignore[no-any-return]

    @looking
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List rows; a value that cannot be decrypted does not hide the other rows."""
        named = {"title": self.model._meta.verbose_name_plural}
        return super().changelist_view(request, named | (extra_context or {}))  # type: ignore[no-any-return]

    @looking
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show an object even if one of its values cannot be decrypted; a form for such an object is refused."""
        return super().change_view(request, object_id, form_url, extra_context)  # type: ignore[no-any-return]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[OfferedOnly]:
        """Accept from the address only the filters that are offered."""
        return OfferedOnly


class ReadOnlyAdmin(ListedAdmin):
    """An admin that lists, finds and shows rows, and never writes."""

    change_list_template = "admin/lean_list.html"
    show_full_result_count = False
    ordering = ("-pk",)
    sortable_by: tuple[str, ...] = ()
    """Only the order by key is offered: any other would sort all rows for one page."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[NewestFirst]:
        """List newest first, by key."""
        return NewestFirst

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        """Find by public id, otherwise by the beginning of one of the `search_fields`, each of which has an index."""
        try:
            return queryset.filter(pk=parse_id(getattr(self.model, "PREFIX", "") or "-", search_term.strip())), False
        except NotFound:
            if search_term and tuple(self.search_fields) == ("id",):
                return queryset.none(), False
            return super().get_search_results(request, queryset, search_term)  # type: ignore[no-any-return]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str | Column]:
        """Show money, moments, codes and structures as people read them; leave out the unencrypted old columns (`..._before`)."""
        return [shown_field(self.model, name) for name in super().get_fields(request, obj) if not str(name).endswith("_before")]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse adding."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse changing."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse deleting."""
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer no bulk actions."""
        return {}


def find_row(rows: QuerySet[M], pk: object) -> M:
    """Return the row whose key is in the page's address; Http404 where there is none, or the text is not a key."""
    try:
        found = rows.filter(pk=rows.model._meta.pk.to_python(str(pk))).first()
    except ValidationError:
        raise Http404 from None
    if found is None:
        raise Http404
    return found


def carry_out(
    request: HttpRequest,
    act: Callable[[], object],
    *,
    done: Text,
    back: str,
    wrong: Callable[[Invalid], HttpResponse] | None = None,
) -> HttpResponse:
    """Do what an operator asks for, show a message of success or the reason of the refusal, and redirect to a page.

    With `wrong`, what is wrong with the form is answered by that instead, such as by the form with what was typed.
    """
    try:
        act()
        messages.success(request, str(done))
    except DomainError as error:
        if wrong is not None and isinstance(error, Invalid):
            return wrong(error)
        messages.error(request, error.detail)
    except InvalidTag as fault:
        messages.error(request, as_error(fault).detail)
    return HttpResponseRedirect(back)
