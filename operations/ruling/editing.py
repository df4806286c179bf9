"""The forms of a draft: rules, tables, points and examples. Each change is checked before it is saved; errors are shown at their fields."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from controls import services
from controls.models import RuleVersion
from controls.queries import get_rules
from controls.rule_kinds import RuleKind, get_rule_kind, name_shown
from controls.services.ruling import MAY_PROPOSE
from controls.states import RuleStatus
from core import clock
from core.admin import ReadOnlyAdmin
from core.errors import DomainError, Invalid, NotFound
from core.once import act_once, new_key
from core.sentences import translated
from operations.frame import carry_out_once, operator, show
from operations.ruling import examples
from operations.ruling.forming import form_of, preview_of
from operations.ruling.segments import Segment
from operations.ruling.typed import blank, press, read_post, rule_of, typed_of

FORMS = ("rule", "table", "points")


class EditPages(ReadOnlyAdmin):
    """The pages on which a draft is changed."""

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of a draft's forms."""
        wrap = self.admin_site.admin_view
        draft = "kind/<slug:kind>/<int:number>/"
        own: list[tuple[str, Callable[..., HttpResponse], str]] = [
            (f"{draft}new/<str:form>/", self.new_rule, "controls_rules_new"),
            (f"{draft}rule/<str:key>/", self.edit_rule, "controls_rules_rule"),
            (f"{draft}rule/<str:key>/delete/", self.delete_rule, "controls_rules_delete"),
            (f"{draft}example/", self.new_example, "controls_rules_new_example"),
            (f"{draft}example/<int:place>/", self.edit_example, "controls_rules_example"),
            (f"{draft}example/<int:place>/delete/", self.delete_example, "controls_rules_delete_example"),
            ("kind/<slug:kind>/check/<str:form>/", self.check_rule, "controls_rules_check"),
        ]
        return [*(path(route, wrap(view), name=name) for route, view, name in own), *super().get_urls()]

    def may(self, request: HttpRequest, permission: str = "") -> None:
        """Refuse an operator who may not see rules, or lacks the permission."""
        if not self.has_view_permission(request) or (permission and not operator(request).may(permission)):
            raise PermissionDenied

    def _draft(self, request: HttpRequest, kind: str, number: int) -> tuple[RuleKind, RuleVersion]:
        self.may(request, MAY_PROPOSE)
        try:
            return get_rule_kind(kind), get_rules(kind, number)
        except (NotFound, OverflowError):
            raise Http404 from None

    def new_rule(self, request: HttpRequest, kind: str, number: int, form: str) -> HttpResponse:
        """Write a new rule, table or points."""
        chosen, version = self._draft(request, kind, number)
        if form not in FORMS:
            raise Http404
        return self._edit(request, chosen, version, form, None)

    def edit_rule(self, request: HttpRequest, kind: str, number: int, key: str) -> HttpResponse:
        """Change a rule of a draft."""
        chosen, version = self._draft(request, kind, number)
        kept = next((rule for rule in version.content["rules"] if rule.get("id") == key), None)
        if kept is None:
            raise Http404
        return self._edit(request, chosen, version, str(kept.get("form", "rule")), kept)

    def _edit(self, request: HttpRequest, kind: RuleKind, version: RuleVersion, form: str, kept: dict[str, Any] | None) -> HttpResponse:
        """Show a rule's form, carry out its buttons, and save the rule if it has no errors."""
        _only_drafts(version)
        said = ""
        if request.method == "POST":
            typed = read_post(kind, form, request.POST)
            button = request.POST.get("do", "show")
            said = press(kind, typed, button)
            if button == "save":
                made = rule_of(kind, typed, kept["id"] if kept else "")
                if typed.is_sound:
                    rules = [one for one in version.content["rules"] if not kept or one.get("id") != kept["id"]]
                    place = version.content["rules"].index(kept) if kept else len(rules)
                    rules.insert(place, made)
                    answer, said = self._keep(request, version, version.content | {"rules": rules})
                    if answer is not None:
                        return answer
            elif button == "show":
                rule_of(kind, typed)
        else:
            typed = typed_of(kind, kept) if kept else blank(kind, form)
            if not kept and form == "rule":
                Segment.of(request.GET.dict()).begin(kind, typed)
        told = form_of(kind, version, typed, key=kept["id"] if kept else "", posted=request.method == "POST")
        title = name_shown(kept["name"]) if kept else {"rule": _("New rule"), "table": _("New table"), "points": _("New points")}[form]
        revision = request.POST.get("revision", str(version.revision))
        return show(request, "rules/rule.html", title, **told, said=said, revision=revision, once=new_key())

    def _keep(self, request: HttpRequest, version: RuleVersion, content: dict[str, Any]) -> tuple[HttpResponse | None, str]:
        """Save a draft's rules, once; return a redirect to the draft, or why it was refused."""
        asked = request.POST.get("revision", "")
        revision = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 9 else -1

        def act() -> None:
            told: dict[str, Any] = {"kind": version.kind, "number": version.number, "note": version.note}
            services.change_draft(**told, revision=revision, content=content, user=operator(request), at=clock.now())

        try:
            act_once(request, scope=str(operator(request).pk), door="desk", at=clock.now(), work=act)
        except Invalid as error:
            return None, " ".join([error.detail, *(translated(one) for one in (error.fields or {}).values())])
        except DomainError as error:
            return None, error.detail
        return HttpResponseRedirect(_page_of(version)), ""

    def delete_rule(self, request: HttpRequest, kind: str, number: int, key: str) -> HttpResponse:
        """Delete a rule from a draft."""
        _chosen, version = self._draft(request, kind, number)
        rules = [one for one in version.content["rules"] if one.get("id") != key]
        return self._without(request, version, version.content | {"rules": rules})

    def _without(self, request: HttpRequest, version: RuleVersion, content: dict[str, Any]) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseRedirect(_page_of(version))
        asked = request.POST.get("revision", "")

        def act() -> None:
            told: dict[str, Any] = {"kind": version.kind, "number": version.number, "note": version.note, "content": content}
            revision = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 9 else -1
            services.change_draft(**told, revision=revision, user=operator(request), at=clock.now())

        return carry_out_once(request, act, done=_("Deleted."), back=_page_of(version))

    def check_rule(self, request: HttpRequest, kind: str, form: str) -> HttpResponse:
        """Return the words of a rule while it is typed, or its error and the place of it."""
        self.may(request, MAY_PROPOSE)
        try:
            chosen = get_rule_kind(kind)
        except NotFound:
            raise Http404 from None
        if form not in FORMS or request.method != "POST":
            raise Http404
        return show(request, "rules/_told.html", "", **preview_of(chosen, read_post(chosen, form, request.POST)))

    def new_example(self, request: HttpRequest, kind: str, number: int) -> HttpResponse:
        """Add an example: a case and its expected outcome."""
        chosen, version = self._draft(request, kind, number)
        return self._edit_example(request, chosen, version, None)

    def edit_example(self, request: HttpRequest, kind: str, number: int, place: int) -> HttpResponse:
        """Change an example."""
        chosen, version = self._draft(request, kind, number)
        if place >= len(version.content.get("examples", [])):
            raise Http404
        return self._edit_example(request, chosen, version, place)

    def _edit_example(self, request: HttpRequest, kind: RuleKind, version: RuleVersion, place: int | None) -> HttpResponse:
        _only_drafts(version)
        listed = list(version.content.get("examples", []))
        typed = (
            examples.read_post(request.POST)
            if request.method == "POST"
            else examples.typed_of(kind, listed[place] if place is not None else {})
        )
        said = ""
        if request.POST.get("do") == "save":
            made = examples.example_of(kind, typed)
            if not typed["faults"]:
                listed[len(listed) if place is None else place : len(listed) if place is None else place + 1] = [made]
                answer, said = self._keep(request, version, version.content | {"examples": listed})
                if answer is not None:
                    return answer
        revision = request.POST.get("revision", str(version.revision))
        told = examples.form_of(kind, version, typed) | {"said": said, "place": place, "revision": revision, "once": new_key()}
        return show(request, "rules/example.html", _("Example"), **told)

    def delete_example(self, request: HttpRequest, kind: str, number: int, place: int) -> HttpResponse:
        """Delete an example from a draft."""
        _chosen, version = self._draft(request, kind, number)
        listed = version.content.get("examples", [])
        return self._without(
            request, version, version.content | {"examples": [one for number, one in enumerate(listed) if number != place]}
        )


def _only_drafts(version: RuleVersion) -> None:
    """Refuse to show the form of a version that can no longer be changed."""
    if version.status != RuleStatus.DRAFT:
        raise Http404


def _page_of(version: RuleVersion) -> str:
    return reverse("admin:controls_rules_version", args=[version.kind, version.number])
