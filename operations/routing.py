"""The back office's pages of routes: which operators are notified of which proposals and held orders, and have them on the work list."""

from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.queries import operators
from controls import services
from controls.models import Route
from controls.queries import may_see_absences
from controls.routing import Matter, get_matter, other_matters, proposal_matters, routes
from controls.services.routing import MAY_ROUTE
from core.admin import ReadOnlyAdmin
from core.errors import NotFound
from core.once import new_key
from operations.frame import act_in_form, operator, show
from operations.tasklist import operators_by_key

SHOWN = 20


class RouteForm(forms.Form):
    """The people and roles to notify, and the reason."""

    people = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple, label=gettext_lazy("People"))
    roles = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple, label=gettext_lazy("Roles"))
    reason = forms.CharField(max_length=500, label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, matter: Matter, **options: Any) -> None:
        super().__init__(*args, **options)
        actors = [(str(one.pk), str(one)) for one in operators().order_by("name", "email") if any(map(one.may, matter.may))]
        held = [permission.partition(".") for permission in matter.may]
        rights = [Q(permissions__content_type__app_label=app, permissions__codename=codename) for app, _sep, codename in held]
        roles = Group.objects.filter(reduce(or_, rights)).order_by("name").distinct()
        self.fields["people"].choices = actors  # type: ignore[attr-defined]
        self.fields["roles"].choices = [(one.name, one.name) for one in roles]  # type: ignore[attr-defined]


@admin.register(Route)
class RouteAdmin(ReadOnlyAdmin):
    """Who is notified of proposals, by kind, and of held orders, by rule."""

    def get_urls(self) -> list[URLPattern]:
        """Add the URL of a kind."""
        one = path("of/<str:kind>/", self.admin_site.admin_view(self.one), name="controls_route_of")
        return [one, *super().get_urls()]

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Show routes to operators who decide proposals or assign tasks."""
        return may_see_absences(operator(request))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List all matters with the people notified; five queries."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found, people = routes(), operators_by_key()

        def lines(matters: list[Matter]) -> list[dict[str, str]]:
            told = [(one, reverse("admin:controls_route_of", args=[one.name]), _told(found.get(one.name), people)) for one in matters]
            return [{"title": str(one.title), "link": link, "told": who} for one, link, who in told]

        proposals = lines(sorted(proposal_matters(), key=lambda one: str(one.title)))
        parts = [(_("Proposals"), proposals), (_("Held orders"), lines(other_matters()))]
        return show(request, "routes.html", _("Who is told"), model_admin=self, parts=parts)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect to the list, because a row is only a part of a kind's history."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:controls_route_changelist"))

    def one(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Show who is notified of a kind, since when and why; change it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            chosen = get_matter(kind)
        except NotFound:
            raise Http404 from None
        may_change = operator(request).may(MAY_ROUTE)
        if request.method == "POST" and not may_change:
            raise PermissionDenied
        holds = routes().get(kind)
        initial = {"people": holds.people, "roles": holds.roles} if holds else {}
        form = RouteForm(request.POST or None, matter=chosen, initial=initial)
        if request.method == "POST" and form.is_valid():
            told = {"kind": kind, **form.cleaned_data}
            if act_in_form(request, form, services.set_route, **told):
                return HttpResponseRedirect(request.path)
        people = operators_by_key()
        history = [
            {"told": _told(row, people), "by": people.get(row.made_by, row.made_by), "at": row.made_at, "reason": row.reason}
            for row in Route.objects.filter(kind=kind).order_by("-id")[:SHOWN]
        ]
        shown = {"form": form, "may_change": may_change, "told": _told(holds, people), "history": history, "once": new_key()}
        return show(request, "route.html", str(chosen.title), model_admin=self, **shown)


def _told(route: Route | None, people: dict[str, str]) -> str:
    """Return the people and roles notified, in words."""
    if route is None or not (route.people or route.roles):
        return _("All who may act on it")
    return ", ".join([*route.roles, *(people.get(key, _("Somebody who left")) for key in route.people)])
