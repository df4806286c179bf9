"""Pages of rules: kinds, versions, trials on the past, and proposals. Changes are made by services of `controls`."""

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from controls import services
from controls.models import Proposal, RuleTrial, RuleVersion
from controls.queries import find_rules, get_rules, get_trial, list_rules, may_see_absences, may_see_rules
from controls.rule_kinds import RuleKind, get_rule_kind, list_rule_kinds
from controls.services.ruling import MAY_APPROVE, MAY_PROPOSE, PROPOSED
from controls.states import TRIAL_OPEN, RuleStatus
from core import clock
from core.admin import carry_out, find_row
from core.errors import DomainError, Invalid, NotFound
from core.once import act_once, new_key
from operations.frame import carry_out_once, operator, show
from operations.ruling import pages, trials
from operations.ruling.cases import cases_page
from operations.ruling.editing import EditPages
from operations.ruling.forms import ProposeForm
from operations.ruling.places import names_in
from operations.ruling.segments import Segment

REFRESH_S = 2
"""Seconds after which the page of a running trial reloads."""


def kind_of(name: str) -> RuleKind:
    """Return the kind of rules named in a URL; Http404."""
    try:
        return get_rule_kind(name)
    except NotFound:
        raise Http404 from None


def version_of(name: str, number: int) -> tuple[RuleKind, RuleVersion]:
    """Return the version of a kind named in a URL; Http404."""
    kind = kind_of(name)
    try:
        return kind, get_rules(name, number)
    except (NotFound, OverflowError):
        raise Http404 from None


class RulePages(EditPages):
    """Rules in force, past rules, and what another version would change."""

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of kinds, versions and trials."""
        wrap = self.admin_site.admin_view
        version = "kind/<slug:kind>/<int:number>/"
        own: list[tuple[str, Callable[..., HttpResponse], str]] = [
            ("kind/<slug:kind>/", self.kind_page, "controls_rules"),
            ("kind/<slug:kind>/start/", self.start, "controls_rules_start"),
            (version, self.version_page, "controls_rules_version"),
            (f"{version}observe/", self.observe, "controls_rules_observe"),
            (f"{version}discard/", self.discard, "controls_rules_discard"),
            (f"{version}back/", self.back, "controls_rules_back"),
            (f"{version}propose/", self.propose, "controls_rules_propose"),
            (f"{version}try/", self.start_trial, "controls_rules_try"),
            (f"{version}differences/", self.differences, "controls_rules_differences"),
            ("cases/<str:subject>/", self.cases, "controls_rules_cases"),
            ("trial/<uuid:pk>/", self.trial, "controls_rules_trial"),
            ("proposed/<uuid:proposal>/", self.proposed, "controls_rules_proposed"),
        ]
        return [*(path(route, wrap(view), name=name) for route, view, name in own), *super().get_urls()]

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Show rules to operators who may view, propose or decide them."""
        return may_see_rules(operator(request))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List the kinds of rules."""
        self.may(request)
        return show(request, "rules/kinds.html", _("Rules"), **pages.kinds(partial(_may_see_cases, request)))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect to a version's page."""
        self.may(request)
        return HttpResponseRedirect(_page_of(find_row(RuleVersion.objects.all(), object_id)))

    def kind_page(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Show a kind's rules in force, and all versions."""
        self.may(request)
        chosen, user = kind_of(kind), operator(request)
        told = {"may_propose": user.may(MAY_PROPOSE), "may_approve": user.may(MAY_APPROVE), "once": new_key()}
        told["may_see_routes"] = may_see_absences(user)
        page = pages.kind_page(chosen, sees=_may_see_cases(request, chosen))
        return show(request, "rules/kind.html", str(chosen.title), **page, **told)

    def version_page(self, request: HttpRequest, kind: str, number: int) -> HttpResponse:
        """Show a version; a draft can be changed, tried and proposed here."""
        self.may(request)
        chosen, version = version_of(kind, number)
        user = operator(request)
        told = {"may_propose": user.may(MAY_PROPOSE), "may_approve": user.may(MAY_APPROVE), "once": new_key()}
        return show(request, "rules/version.html", pages.title_of(chosen, version), **pages.version_page(chosen, version), **told)

    def start(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Start a draft from the version in force, or from another one; its first new rule where a segment is named."""
        self.may(request, MAY_PROPOSE)
        kind_of(kind)
        back = reverse("admin:controls_rules", args=[kind])
        asked = request.POST.get("number", "")
        number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else None

        def act() -> int:
            return services.start_draft(kind=kind, user=operator(request), at=clock.now(), number=number).number

        segment = Segment.of(request.POST.dict())

        def to(made: int) -> str:
            if segment.query:
                return f"{reverse('admin:controls_rules_new', args=[kind, made, 'rule'])}?{segment.query}"
            return reverse("admin:controls_rules_version", args=[kind, made])

        return self._go(request, act, to, back)

    def start_trial(self, request: HttpRequest, kind: str, number: int) -> HttpResponse:
        """Start a trial on the past 12 months, and show it."""
        self.may(request, MAY_PROPOSE)
        _kind, version = version_of(kind, number)

        def act() -> str:
            return str(services.start_trial(kind=kind, number=number, user=operator(request), at=clock.now()).pk)

        return self._go(request, act, lambda made: reverse("admin:controls_rules_trial", args=[made]), _page_of(version))

    def _go(self, request: HttpRequest, act: Callable[[], Any], to: Callable[[Any], str], back: str) -> HttpResponse:
        """Make an object once, and redirect to its page; if it is refused, redirect back with the reason."""
        if request.method != "POST":
            return HttpResponseRedirect(back)
        made: list[Any] = []

        def once() -> None:
            made.append(act_once(request, scope=str(operator(request).pk), door="desk", at=clock.now(), work=act)[0])

        answer = carry_out(request, once, done=_("Done."), back=back)
        return HttpResponseRedirect(to(made[0])) if made else answer

    def observe(self, request: HttpRequest, kind: str, number: int) -> HttpResponse:
        """Observe a draft: evaluate it beside the version in force, without effect."""
        done = _("It is observed now: each case asks it too, without any effect.")
        return self._act(request, kind, number, services.observe_rules, done)

    def discard(self, request: HttpRequest, kind: str, number: int) -> HttpResponse:
        """Discard a draft, or stop observing a version, after confirmation."""
        _kind, version = version_of(kind, number)
        asked = _("Its rules are kept to look at, and never hold.") if version.status == RuleStatus.DRAFT else ""
        return self._act(
            request, kind, number, services.discard_draft, _("Done. Nothing else changes."), confirm=_("End this version"), text=asked
        )

    def back(self, request: HttpRequest, kind: str, number: int) -> HttpResponse:
        """Put an earlier version in force again, after confirmation."""
        text = _("It holds at once, everywhere within a few seconds. Two people agreed on it before, so one person may go back to it.")
        return self._act(
            request, kind, number, services.go_back, _("It holds again."), MAY_APPROVE, confirm=_("Go back to this version"), text=text
        )

    def _act(
        self,
        request: HttpRequest,
        kind: str,
        number: int,
        act: Callable[..., object],
        done: str,
        permission: str = MAY_PROPOSE,
        *,
        confirm: str = "",
        text: str = "",
    ) -> HttpResponse:
        """Act on a version, once; with `confirm`, a page asks first."""
        self.may(request, permission)
        chosen, version = version_of(kind, number)
        if request.method != "POST":
            return HttpResponseRedirect(_page_of(version))
        if confirm and "confirmed" not in request.POST:
            told = {"version": version, "asked": confirm, "text": text, "once": request.POST.get("once", "")}
            return show(request, "rules/confirm.html", pages.title_of(chosen, version), **told)

        def work() -> None:
            act(kind=kind, number=number, user=operator(request), at=clock.now())

        return carry_out_once(request, work, done=done, back=_page_of(version))

    def propose(self, request: HttpRequest, kind: str, number: int) -> HttpResponse:
        """Show what a version would change, and propose it."""
        self.may(request, MAY_PROPOSE)
        chosen, version = version_of(kind, number)
        form = ProposeForm(request.POST or None)
        if request.method == "POST" and form.is_valid():

            def act() -> None:
                services.propose_rules(kind=kind, number=number, user=operator(request), at=clock.now(), **form.cleaned_data)

            try:
                act_once(request, scope=str(operator(request).pk), door="desk", at=clock.now(), work=act)
            except Invalid as error:
                for name, fault in (error.fields or {"": error.detail}).items():
                    form.add_error(name if name in form.fields else None, fault if name in form.fields else error.detail)
            except DomainError as error:
                form.add_error(None, error.detail)
            else:
                back = reverse("admin:controls_rules", args=[kind])
                return carry_out(request, lambda: None, done=_("Proposed. Another person decides now."), back=back)
        told = {"kind": chosen, "version": version, "form": form, "once": new_key()}
        return show(
            request,
            "rules/propose.html",
            _("Propose version %(number)s") % {"number": number},
            **told,
            **pages.what_it_means(chosen, version, find_rules(kind)),
        )

    def proposed(self, request: HttpRequest, proposal: uuid.UUID) -> HttpResponse:
        """Show in words what a proposed version changes."""
        self.may(request)
        row = find_row(Proposal.objects.filter(kind=PROPOSED), proposal)
        kind, version = version_of(row.subject, row.after["version"])
        before = list_rules(kind.name).filter(number=row.before.get("version", 0)).first()
        told = {"kind": kind, "version": version, "proposal": row}
        return show(request, "rules/proposed.html", pages.title_of(kind, version), **told, **pages.what_it_means(kind, version, before))

    def trial(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show a trial: its progress, and what the version would have changed."""
        self.may(request)
        row: RuleTrial = get_trial(find_row(RuleTrial.objects.all(), pk).pk)
        kind = kind_of(row.version.kind)
        chosen = request.GET.get("move", "")
        chosen = chosen if chosen in row.found["moves"] else ""
        told = trials.facts_of(row, kind, names_in([row.version.content], trials.shops_in(row)), chosen)
        if not _may_see_cases(request, kind):
            told |= {"cases": [], "more_cases": False}
        title = _("Version %(number)s on the past") % {"number": row.version.number}
        page = show(request, "rules/trial.html", title, kind=kind, version=row.version, **told)
        if row.status in TRIAL_OPEN:
            page["Refresh"] = str(REFRESH_S)
        return page

    def cases(self, request: HttpRequest, subject: str) -> HttpResponse:
        """Show what rules were asked about an object, and ask them again."""
        self.may(request)
        kinds = [kind for kind in list_rule_kinds() if _may_see_cases(request, kind)]
        return show(request, "rules/cases.html", _("Rules asked about %(subject)s") % {"subject": subject}, **cases_page(subject, kinds))

    def differences(self, request: HttpRequest, kind: str, number: int) -> HttpResponse:
        """List the cases in which an observed version decided differently."""
        self.may(request)
        chosen, version = version_of(kind, number)
        told = {
            "kind": chosen,
            "version": version,
            "cases": pages.different_cases(chosen, version) if _may_see_cases(request, chosen) else [],
        }
        return show(request, "rules/differences.html", pages.title_of(chosen, version), **told)


def _may_see_cases(request: HttpRequest, kind: RuleKind) -> bool:
    """Return whether the operator may see the cases of a kind of rules."""
    return not kind.may_see_cases or operator(request).may(kind.may_see_cases)


def _page_of(version: RuleVersion) -> str:
    return reverse("admin:controls_rules_version", args=[version.kind, version.number])
