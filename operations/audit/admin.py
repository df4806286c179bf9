"""The audit log in the back office, searchable by act, person, object and time. Only for auditors; each view is logged in it too."""

from typing import Any

from django.contrib import admin
from django.db.models import BooleanField, Model, QuerySet
from django.db.models.expressions import RawSQL
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from accounts.models import Consumer, User
from checkout.models import Checkout, Order
from controls.audit.reading import find_seal, rows_of_transaction
from controls.models import AuditRow, Proposal
from controls.services import note_look_at_audit
from core import clock
from core.acting import who_acts
from core.admin import ReadOnlyAdmin, display, looking, moment_column
from core.errors import NotFound
from core.ids import parse_id
from core.longlists import MomentFilter, NewestFirst, one_of
from core.readable import readable
from credit.models import Decision
from fraud.laundering.services import MAY_AUDIT
from merchants.models import Merchant
from operations.audit.actors import name_actors
from operations.audit.titles import ACTS, title_of
from operations.frame import operator, show
from payments.models import Charge
from plans.models import Plan

PAGES: tuple[type[Model], ...] = (Consumer, Order, Checkout, Plan, Merchant, Decision, Charge, Proposal)
"""Models with a public id and a page in the back office."""
OTHERS = 20
CONFIDENTIAL = "fraud.laundering_"
"""The prefix of acts that only auditors of the money laundering desk may read."""


def with_any(rows: QuerySet[AuditRow], terms: list[str]) -> QuerySet[AuditRow]:
    """Return the rows with any of the terms as object, actor or act; the index `audit_found` covers all three."""
    return rows.filter(RawSQL("(about || ARRAY[act, actor]) && %s::text[]", [terms], output_field=BooleanField()))


def terms_of(text: str) -> list[str]:
    """Return the search terms of a typed text: an id in both of its forms, the operator with that e-mail address, or the text itself."""
    if "@" in text:
        return [str(key) for key in User.objects.filter(email__iexact=text).values_list("pk", flat=True)[:1]] or [text]
    prefix = text.partition("_")[0]
    try:
        return [text, str(parse_id(prefix, text))]
    except NotFound:
        return [text]


class AuditList(NewestFirst):
    """The list, with the names of the actors."""

    def _keep(self, rows: list[Any]) -> None:
        names = name_actors(row.actor for row in rows)
        for row in rows:
            row.who_name = names[row.actor]
        super()._keep(rows)


def _act_filter() -> tuple[str, Any]:
    field, known = one_of("act", ACTS)

    class Act(known):  # type: ignore[misc,valid-type]
        """The filter by act; it uses the index of objects, acts and actors."""

        def queryset(self, request: HttpRequest, queryset: QuerySet[AuditRow]) -> QuerySet[AuditRow]:
            """Return the rows of the chosen act."""
            chosen = [str(one) for one in self.used_parameters.get(self.lookup_kwarg, []) or []]
            return with_any(queryset, chosen) if chosen else queryset

    return field, Act


@admin.register(AuditRow)
class AuditAdmin(ReadOnlyAdmin):
    """The audit log, read-only."""

    nothing = (_("Nothing is in the log for this"), _("Each act on people's data, money and controls comes here."))
    list_display = (moment_column("wall", _("When")), "what", "who", "objects")
    list_filter = (_act_filter(), ("wall", MomentFilter))
    search_fields = ("act",)
    search_help_text = _("The id of an order, person, shop or plan, an operator's e-mail address, or who acted as the log writes it")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditRow]:
        """Select the rows that the reader may see; acts of the money laundering desk are only for its own auditors."""
        rows: QuerySet[AuditRow] = super().get_queryset(request)
        return rows if operator(request).may(MAY_AUDIT) else rows.exclude(act__startswith=CONFIDENTIAL)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[NewestFirst]:
        """List newest first, with names."""
        return AuditList

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        """Search by object, actor or act."""
        text = search_term.strip()
        return (with_any(queryset, terms_of(text)) if text else queryset), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List rows, and log the view."""
        if self.has_view_permission(request):
            _note(request, [_asked(request)])
        return super().changelist_view(request, extra_context)

    @looking
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show an act: actor, act, objects, facts, its seal, and other acts of the same transaction."""
        row = self.get_queryset(request).filter(pk=object_id).first() if object_id.isdecimal() else None
        if row is None or not self.has_view_permission(request):
            raise Http404
        _note(request, [str(row.pk)] if row.act.startswith(CONFIDENTIAL) else row.about)
        others = rows_of_transaction(self.get_queryset(request), row, OTHERS)
        names = name_actors([row.actor])
        return show(
            request,
            "audit/row.html",
            title_of(row.act),
            row=row,
            who=names[row.actor],
            objects=[(one, page_of(one)) for one in row.about],
            facts=readable(row.facts, str(row.facts.get("currency", ""))),
            seal=find_seal(row),
            others=[(other, title_of(other.act)) for other in others],
        )

    @display(description=_("What"))
    def what(self, row: AuditRow) -> str:
        """Name the act."""
        return title_of(row.act)

    @display(description=_("Who"))
    def who(self, row: Any) -> str:
        """Name who acted."""
        return str(row.who_name)

    @display(description=_("About"))
    def objects(self, row: AuditRow) -> str:
        """List the objects."""
        return format_html_join(" ", "<code>{}</code>", ((one,) for one in row.about[:4])) or "-"


def _asked(request: HttpRequest) -> str:
    """Return the text that is searched for, as all readers of the log may know it: empty if it finds only confidential acts."""
    text = request.GET.get("q", "").strip()[:80]
    if text and operator(request).may(MAY_AUDIT):
        found = with_any(AuditRow.objects.all(), terms_of(text))
        is_secret = found.exists() and not found.exclude(act__startswith=CONFIDENTIAL).exists()
        return "" if is_secret else text
    return text


def _note(request: HttpRequest, about: list[str]) -> None:
    _actor, source = who_acts()
    note_look_at_audit(actor=str(operator(request).pk), source=source, about=[one for one in about if one], at=clock.now())


def page_of(one: str) -> str:
    """Return the URL of the page of an object, by its public id; empty if it has none."""
    prefix = one.partition("_")[0]
    for model in PAGES:
        if getattr(model, "PREFIX", "") == prefix:
            try:
                return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[parse_id(prefix, one)])
            except (NotFound, NoReverseMatch):
                return ""
    return ""
