"""The back office's pages of brands: the look and texts, which one person changes; the legal entity and host, which two people change."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brands import services
from brands.forms import BrandForm, EntityForm, LookForm, NewForm
from brands.models import Brand, BrandChange
from brands.preview import EMPTY, draw
from brands.proposals import Entity
from brands.queries import brand_history, get_brand
from brands.rules import read_mark
from brands.texts import NAMES, in_languages, value_text
from controls.admin import person_name, proposal_link
from controls.kinds import Person
from controls.queries import find_open_proposal, proposals_of
from controls.services import propose
from core import clock
from core.admin import ReadOnlyAdmin, display, find_row, moment_column
from core.doers import operator_column, with_operators
from core.errors import DomainError, NotFound

MAY_CHANGE, MAY_PROPOSE = "brands.change_brand", "controls.propose_brand"
SHOWN = 20


@admin.register(Brand)
class BrandAdmin(ReadOnlyAdmin):
    """Brands: one person changes the look and texts, two people the legal entity and host."""

    nothing = (gettext_lazy("No brand yet"), "")
    list_display = ("name", "code", "at_host", "legal_name", "support_email", moment_column("changed_at", gettext_lazy("Changed")))
    search_fields = ("name", "code", "domain", "legal_name")
    ordering = ("code",)

    @display(description=gettext_lazy("Host"))
    def at_host(self, row: Brand) -> str:
        """Show the host of the brand's pages."""
        return get_brand(row.code).host

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Let operators with the permission make brands."""
        return request.user.has_perm("brands.add_brand")

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of the actions and of the preview."""
        wrap = self.admin_site.admin_view
        return [
            path("preview/", wrap(self.preview), name="brands_brand_preview"),
            path("<slug:code>/look/", wrap(self.change_look), name="brands_brand_look"),
            path("<slug:code>/entity/", wrap(self.propose_entity), name="brands_brand_entity"),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Make a brand."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                made = services.make_brand(**form.changes(), reason=form.cleaned_data["reason"], actor=str(request.user.pk), at=clock.now())
            except DomainError as error:
                form.refuse(error)
            else:
                messages.success(request, _("The brand is there. Its host has to lead to this installation."))
                return HttpResponseRedirect(_page_of(made.code))
        title = _("New brand")
        told = {
            "title": title,
            "content_title": title,
            "model_admin": self,
            "form": form,
            "has_permission": True,
            **draw(_typed(form), EMPTY),
        }
        return TemplateResponse(request, "admin/brands/new.html", self.admin_site.each_context(request) | told)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a brand, how it looks, and its history."""
        return self._page(request, self._load(request, object_id))

    def preview(self, request: HttpRequest) -> HttpResponse:
        """Show the preview of typed values alone; the page fetches it while somebody types."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            brand = get_brand(request.GET.get("of"))
        except NotFound:
            brand = EMPTY
        return TemplateResponse(request, "admin/brands/_preview.html", draw(request.GET, brand))

    def change_look(self, request: HttpRequest, code: str) -> HttpResponse:
        """Change the look and texts of a brand."""
        row = self._load(request, code, MAY_CHANGE)
        form = LookForm(request.POST or None, row=row)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, row, form=form)
        given = {"reason": form.cleaned_data["reason"], "seen": form.cleaned_data["seen"]}
        try:
            services.change_brand(code=code, changes=form.changes(), **given, actor=str(request.user.pk), at=clock.now())
        except DomainError as error:
            form.refuse(error)
            return self._page(request, row, form=form)
        messages.success(request, _("The brand speaks so from now on."))
        return HttpResponseRedirect(_page_of(code))

    def propose_entity(self, request: HttpRequest, code: str) -> HttpResponse:
        """Propose another legal entity or host."""
        row = self._load(request, code, MAY_PROPOSE)
        form = EntityForm(request.POST or None, row=row)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, row, entity_form=form)
        told = {"reason": form.cleaned_data["reason"], "starts_on": form.cleaned_data["starts_on"], "user": _user(request)}
        try:
            propose(kind=Entity.name, subject=code, after=form.changes(), **told, at=clock.now())
        except DomainError as error:
            form.refuse(error)
            return self._page(request, row, entity_form=form)
        messages.success(request, _("Proposed. Another person decides now."))
        return HttpResponseRedirect(_page_of(code))

    def _load(self, request: HttpRequest, code: str, acting: str = "") -> Brand:
        if not self.has_view_permission(request) or (acting and not request.user.has_perm(acting)):
            raise PermissionDenied
        row = Brand.objects.filter(code=code).first()
        if row is None:
            raise Http404
        return row

    def _page(self, request: HttpRequest, row: Brand, **forms_: forms.Form) -> TemplateResponse:
        brand, form = get_brand(row.code), forms_.get("form")
        context = {"title": row.name, "content_title": row.name, "model_admin": self, "row": row, "of": brand, "has_permission": True}
        context |= {
            "form": LookForm(row=row),
            "entity_form": EntityForm(row=row),
            "may_change": request.user.has_perm(MAY_CHANGE),
            "may_propose": request.user.has_perm(MAY_PROPOSE),
            "facts": _facts(row),
            "history": _history(row.code),
            "waiting": find_open_proposal(Entity.name, row.code),
            "proposals": list(proposals_of(row.code, (Entity.name,))[:SHOWN]),
        }
        context |= draw(_typed(form) if isinstance(form, BrandForm) else {}, brand)
        return TemplateResponse(request, "admin/brands/brand.html", self.admin_site.each_context(request) | context | forms_)


@admin.register(BrandChange)
class BrandChangeAdmin(ReadOnlyAdmin):
    """The log of changes to brands; each has a page that describes it."""

    list_display = ("brand", operator_column("actor", gettext_lazy("Who")), "reason", moment_column("at", gettext_lazy("Since")))
    list_filter = ("brand",)
    list_select_related = ("brand",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[BrandChange]:
        """Load the author of each change."""
        return with_operators(super().get_queryset(request), "actor")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a change: who, when, why, and each value before and after."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = find_row(BrandChange.objects.select_related("brand"), object_id)
        title = row.brand.name
        context = {"title": title, "content_title": title, "model_admin": self, "has_permission": True}
        context |= {"one": _told(row, {row.actor: person_name(row.actor)}), "brand": row.brand, "back": _page_of(row.brand_id)}
        return TemplateResponse(request, "admin/brands/change.html", self.admin_site.each_context(request) | context)


def _page_of(code: str) -> str:
    return reverse("admin:brands_brand_change", args=[code])


def _user(request: HttpRequest) -> Person:
    user: Any = request.user
    return user  # type: ignore[no-any-return]


def _typed(form: BrandForm) -> dict[str, Any]:
    return {name: form[name].value() or "" for name in form.fields} if form.is_bound else {}


def _facts(row: Brand) -> list[tuple[Any, str]]:
    shown = {name: value_text(getattr(row, name)) for name in NAMES if name not in {"mark", "code"}}
    shown["domain"] = get_brand(row.code).host
    return [*((NAMES[name], text) for name, text in shown.items()), *in_languages(row.texts).items()]


def _history(code: str) -> list[dict[str, Any]]:
    """Return the changes of a brand, newest first: who, when, why, and each difference. One query for each author."""
    changes, people = brand_history(code, SHOWN), {}
    for actor in {change.actor for change in changes}:
        people[actor] = person_name(actor)
    return [_told(change, people) for change in changes]


def _told(change: BrandChange, people: dict[str, str]) -> dict[str, Any]:
    """Return a change in words; `people` has the names of authors."""
    return {
        "who": people[change.actor],
        "proposal": proposal_link(change.actor),
        "at": change.at,
        "reason": change.reason,
        "made": not change.before,
        "told": [] if not change.before else _differences(change.before, change.after),
    }


def _differences(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for name in (name for name in after if name in NAMES):
        drawn = name == "mark"
        one = {"name": NAMES[name], "drawn": drawn, "color": name == "color"}
        texts = {"before": value_text(before.get(name)), "after": value_text(after[name])}
        found.append(one | (texts if not drawn else {side: _paths(value) for side, value in (("before", before), ("after", after))}))
    was, now = in_languages(before.get("texts") or {}), in_languages(after.get("texts") or {})
    changed = [name for name in dict.fromkeys([*was, *now]) if was.get(name) != now.get(name)]
    return [*found, *({"name": name, "before": value_text(was.get(name)), "after": value_text(now.get(name))} for name in changed)]


def _paths(values: dict[str, Any]) -> tuple[tuple[str, bool], ...]:
    return read_mark(str(values.get("mark") or ""))
