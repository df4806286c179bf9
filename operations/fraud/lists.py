"""The pages of block and allow lists: their entries, a form to add a value, and the end of an entry."""

import uuid
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter

from core import clock
from core.admin import ReadOnlyAdmin, carry_out, date_column, display, find_row, looking, moment_column
from core.doers import operator_column, with_operators
from core.longlists import one_of
from core.once import new_key
from core.sentences import Faulty, Text
from fraud.facts import LISTS
from fraud.lists.services import MAY_LIST, add_entry, end_entry
from fraud.lists.values import read_value, typed_value
from fraud.models import ListEntry
from fraud.states import Listed, ListKind
from operations.frame import act_in_form, carry_out_once, may_see, operator, show
from operations.wording import names_of

DAYS = 90
"""The default number of days for which an entry holds."""
LONGEST = 500
OPEN, OVER = "open", "over"
NAMES: dict[str, Text] = {code: capfirst(cast("str", name)) for code, name in LISTS.items()}
KINDS: dict[ListKind, Text] = {
    ListKind.PERSON: gettext_lazy("Person"),
    ListKind.DEVICE: gettext_lazy("Device"),
    ListKind.CARD: gettext_lazy("Card"),
    ListKind.ADDRESS: gettext_lazy("Address"),
    ListKind.EMAIL: gettext_lazy("E-mail address"),
    ListKind.DOMAIN: gettext_lazy("Domain of e-mail addresses"),
    ListKind.PHONE: gettext_lazy("Phone number"),
    ListKind.RANGE: gettext_lazy("Internet address or range"),
}

BLOCKED_HERE = (ListKind.DEVICE, ListKind.CARD, ListKind.ADDRESS, ListKind.PERSON)
"""Kinds of values that can be blocked on the page of a case."""


class UntilForm(forms.Form):
    """The last day of an entry, and its reason."""

    until = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), label=gettext_lazy("Last day"))
    reason = forms.CharField(max_length=LONGEST, label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["until"].initial = clock.now().date() + timedelta(days=DAYS)


class EntryForm(UntilForm):
    """A value and the list that it is put on."""

    listed = forms.ChoiceField(choices=list(NAMES.items()), label=gettext_lazy("List"))
    kind = forms.ChoiceField(choices=list(KINDS.items()), label=gettext_lazy("Kind"))
    text = forms.CharField(
        max_length=300,
        label=gettext_lazy("Value"),
        help_text=gettext_lazy(
            "A person by the id of their account; an address as street, postal code, country; a range such as 81.2.69.0/24. "
            "A card is typed as its gateway's fingerprint, a device as the id that its browser keeps. "
            "Domains and wide ranges take two people."
        ),
    )
    field_order = ("listed", "kind", "text", "until", "reason")


class StateFilter(DropdownFilter):  # type: ignore[misc]  # the theme is untyped
    """A filter by whether an entry holds."""

    title, parameter_name = gettext_lazy("Holds"), "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer entries in force, and ended ones."""
        return [(OPEN, _("Holds")), (OVER, _("Is over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ListEntry]) -> QuerySet[ListEntry]:
        """Return the rows in the state."""
        holds = ListEntry.holding(clock.now().date())
        return {OPEN: queryset.filter(holds), OVER: queryset.exclude(holds)}.get(self.value(), queryset)


class ListPages(ReadOnlyAdmin):
    """Values that are blocked or allowed."""

    nothing = (
        gettext_lazy("Nothing is listed"),
        gettext_lazy("What is blocked is refused at the checkout; what is allowed is neither held nor asked for another code."),
    )
    list_display = (moment_column("at", gettext_lazy("When")), "on", "of_kind", "value", date_column("until", gettext_lazy("Last day")),
                    operator_column("added_by", gettext_lazy("By")), "state")  # fmt: skip
    list_filter = (StateFilter, one_of("listed", NAMES), one_of("kind", {kind.value: title for kind, title in KINDS.items()}))
    list_filter_submit = True
    list_filter_sheet = False
    search_fields = ("key__exact",)
    search_help_text = gettext_lazy("A value, such as an e-mail address")

    def get_urls(self) -> list[URLPattern]:
        """Add the URL that ends an entry."""
        return [path("<uuid:pk>/end/", self.admin_site.admin_view(self.end), name="fraud_listentry_end"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ListEntry]:
        """Read the operators' names in the same query."""
        return with_operators(super().get_queryset(request), "added_by")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        """Search by a value of any kind in clear, compared by its keyed hash, or by the shown text."""
        text = search_term.strip()
        return (queryset.filter(Q(key__in=_keys_of(text)) | Q(shown=text)), False) if text else (queryset, False)

    @display(description=gettext_lazy("List"), label={"block": "danger", "allow": "success"})
    def on(self, row: ListEntry) -> tuple[str, str]:
        """Show the list."""
        return row.listed, str(NAMES[row.listed])

    @display(description=gettext_lazy("Kind"))
    def of_kind(self, row: ListEntry) -> str:
        """Show the kind of the value."""
        return str(KINDS[ListKind(row.kind)])

    @display(description=gettext_lazy("Value"))
    def value(self, row: ListEntry) -> str:
        """Show the readable part of the value."""
        return row.shown or _("Forgotten")

    @display(description=gettext_lazy("Holds"))
    def state(self, row: ListEntry) -> str:
        """Show whether it holds."""
        return _("Holds") if row.holds_on(clock.now().date()) else _("Is over")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Let operators with the permission add entries."""
        return operator(request).may(MAY_LIST)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Put a typed value on a list, or propose it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = EntryForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            told = form.cleaned_data | {"listed": Listed(form.cleaned_data["listed"]), "kind": ListKind(form.cleaned_data["kind"])}
            if act_in_form(request, form, add_entry, **told):
                wide = typed_value(told["kind"], told["text"]).is_wide
                done = _("Proposed. Another person decides now.") if wide else _("Listed. It counts from the next attempt to buy on.")
                return carry_out(request, lambda: None, done=done, back=reverse("admin:fraud_listentry_changelist"))
        return show(request, "fraud/entry.html", _("Put a value on a list"), model_admin=self, form=form, once=new_key())

    @looking
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show an entry, and the form that ends it."""
        row = self._load(request, object_id)
        names = names_of({row.added_by, row.ended_by} - {""})
        told: dict[str, Any] = {"row": row, "listed": NAMES[row.listed], "kind": KINDS[ListKind(row.kind)], "value": self.value(row)}
        told |= {"by": names[row.added_by], "ended_by": names.get(row.ended_by, ""), "sees": may_see(request), "longest": LONGEST}
        may_end = row.ended_at is None and operator(request).may(MAY_LIST)
        title = _("Entry %(id)s") % {"id": row.public_id}
        return show(request, "fraud/entry.html", title, model_admin=self, once=new_key(), may_end=may_end, **told)

    def end(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """End an entry with a reason; a double click counts once."""
        row = self._load(request, pk)
        back = reverse("admin:fraud_listentry_change", args=[row.pk])
        if request.method != "POST":
            return HttpResponseRedirect(back)
        told: dict[str, Any] = {"entry_id": row.pk, "reason": request.POST.get("reason", "")[:LONGEST]}
        told |= {"user": operator(request), "at": clock.now()}
        return carry_out_once(request, lambda: end_entry(**told), done=_("Ended. The history keeps it."), back=back)

    def _load(self, request: HttpRequest, pk: object) -> ListEntry:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return find_row(ListEntry.objects.all(), pk)


def _keys_of(text: str) -> list[str]:
    """Return the keyed hashes of a text, one for each kind of value that it may be."""
    found = []
    for kind in ListKind:
        try:
            found.append(read_value(kind, text).key)
        except Faulty:
            continue
    return found
