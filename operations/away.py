"""The back office's pages of absences: operators who decide proposals enter when they are away, and who stands in for them."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.queries import operators
from controls import services
from controls.admin import person_name
from controls.models import Absence
from controls.queries import kinds_decided_by, may_see_absences
from core import clock
from core.admin import ReadOnlyAdmin, carry_out, display, find_row, moment_column, text_column
from core.doers import with_operators
from core.once import new_key
from operations.frame import carry_out_once, operator, show


class AwayForm(forms.Form):
    """The days of an absence, and who stands in."""

    starts_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), label=gettext_lazy("First day away"))
    ends_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), label=gettext_lazy("Last day away"))
    stand_in = forms.ChoiceField(required=False, label=gettext_lazy("Who decides in your place"))
    reason = forms.CharField(max_length=500, label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        mine = [kind.may_approve for kind in kinds_decided_by(user)]
        others = [one for one in operators().order_by("name", "email") if one.pk != user.pk and any(map(one.may, mine))]
        chosen: Any = self.fields["stand_in"]
        chosen.choices = [("", _("Nobody")), *((str(one.pk), str(one)) for one in others)]


@admin.register(Absence)
class AwayAdmin(ReadOnlyAdmin):
    """Who is away, until when, and who stands in for them."""

    nothing = (
        gettext_lazy("Nobody is away"),
        gettext_lazy("Who decides proposals says here when they are away, and who stands in for them."),
    )
    list_display = (
        "who",
        text_column("starts_on", gettext_lazy("First day away")),
        text_column("ends_on", gettext_lazy("Last day away")),
        "by_whom",
        moment_column("ended_at", gettext_lazy("Ended")),
    )
    ordering = ("-id",)

    @display(description=gettext_lazy("Who"))
    def who(self, row: Absence) -> str:
        """Name the operator."""
        return getattr(row, "person_name", "") or row.person

    @display(description=gettext_lazy("Stands in"))
    def by_whom(self, row: Absence) -> str:
        """Name the stand-in."""
        return (getattr(row, "stand_in_name", "") or row.stand_in) if row.stand_in else _("Nobody")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Absence]:
        """Read the operators' names in the same query."""
        return with_operators(super().get_queryset(request), "person", "stand_in")

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Show absences to operators who decide proposals or assign tasks."""
        return may_see_absences(operator(request))

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Let operators who decide proposals enter absences."""
        return bool(kinds_decided_by(operator(request)))

    def get_urls(self) -> list[URLPattern]:
        """Add the URL that ends an absence."""
        return [path("<uuid:pk>/end/", self.admin_site.admin_view(self.end), name="controls_absence_end"), *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Enter an absence of one's own."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = AwayForm(request.POST or None, user=operator(request))
        if request.method != "POST" or not form.is_valid():
            return show(request, "absence.html", _("Say when you are away"), form=form, once=new_key())
        told, user = form.cleaned_data, operator(request)
        return carry_out_once(
            request,
            lambda: services.note_absence(**told, user=user, at=clock.wall()),
            done=_("Noted. Proposals are told to others on these days."),
            back=reverse("admin:controls_absence_changelist"),
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show an absence, and the button that ends one's own."""
        row = self._load(request, object_id)
        mine = row.person == str(operator(request).pk) and row.ended_at is None and row.ends_on >= clock.wall().date()
        title = _("%(person)s is away") % {"person": person_name(row.person)}
        return show(request, "absence.html", title, row=row, stand_in=person_name(row.stand_in) if row.stand_in else "", mine=mine)

    def end(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """End an absence of one's own."""
        row, user = self._load(request, pk), operator(request)
        if request.method != "POST":
            raise PermissionDenied
        back = reverse("admin:controls_absence_change", args=[row.pk])
        return carry_out(
            request, lambda: services.end_absence(absence_id=row.pk, user=user, at=clock.wall()), done=_("Welcome back."), back=back
        )

    def _load(self, request: HttpRequest, pk: object) -> Absence:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return find_row(Absence.objects.all(), pk)
