"""The pages of the laboratory: all trainings, and one of them in each of its states."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from controls.queries import find_open_proposal, may_see_rules
from controls.services.ruling import MAY_PROPOSE
from core.adjusting import value_of
from core.admin import ReadOnlyAdmin, find_row
from core.once import new_key
from core.sentences import translated
from learning.models import Role, Training
from learning.reporting.faults import TABLE, fault_words, place_of
from learning.settable import KEEP_TABLES, MOST_TABLE_MB
from learning.states import TRAINING_OPEN, TRAINING_WRITTEN, TrainingStatus
from operations.frame import operator, show
from operations.laboratory import acting, pages
from operations.laboratory.forms import BeginForm, ChoicesForm, TableForm
from operations.laboratory.scoring import score_page
from operations.scoring.admin import RoleForm
from operations.scoring.proposals import ROLES, ModelRole

NO_MORE = 204
"""The answer to a page that follows a training: it has ended, read the whole page."""


class TrainingPages(ReadOnlyAdmin):
    """The laboratory: trainings that were prepared, wait, run or have ended, and what came of them."""

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of a training's progress, and of the page that scores a table."""
        wrap = self.admin_site.admin_view
        scoring = path("score/", wrap(self.score), name="learning_training_score")
        return [scoring, path("<uuid:pk>/progress/", wrap(self.progress), name="learning_training_progress"), *super().get_urls()]

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Show the laboratory to operators who may see models of risk."""
        return may_see_rules(operator(request))

    def _may(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            acting.require_writer(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List trainings; prepare another one."""
        self._may(request)
        form = BeginForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid() and (made := acting.begin(request, form)):
            return HttpResponseRedirect(pages.link_of(made))
        told = {"form": form, "may_write": operator(request).may(MAY_PROPOSE), "once": new_key(), **_bounds()}
        return show(request, "laboratory/list.html", _("Laboratory"), **pages.all_trainings(), **told)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a training; change it, ask for it, give it up, or propose its version."""
        self._may(request)
        rows = Training.objects.select_related("version").defer("version__stored", "version__flat")
        training, told = find_row(rows, object_id), dict[str, Any]()
        if request.method == "POST":
            answer = _act(request, training, told)
            if answer is not None:
                return answer
            training = find_row(rows, object_id)
        return _page(request, training, told)

    def progress(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Show only how far an open training is; 204 once it has ended."""
        self._may(request)
        training = find_row(Training.objects.defer("columns", "found"), pk)
        if training.status not in TRAINING_OPEN:
            return HttpResponse(status=NO_MORE)
        return show(request, "laboratory/_progress.html", "", **pages.progress_of(training))

    def score(self, request: HttpRequest) -> HttpResponseBase:
        """Score a table by a version, for all who may see models: nothing is stored or changed."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return score_page(request)


def _bounds() -> dict[str, int]:
    return {"most_mb": value_of(MOST_TABLE_MB), "keep_days": value_of(KEEP_TABLES)}


def _act(request: HttpRequest, training: Training, told: dict[str, Any]) -> HttpResponse | None:
    """Carry out what a form asks for; return where it leads, or None with the forms in `told` if the page is shown again."""
    asked = request.POST.get("act", "")
    if asked == "cancel":
        return acting.cancel(request, training)
    if asked == "propose":
        if training.version is None or not training.version.usable:
            raise PermissionDenied
        told["role_form"] = role = _role_form(training, request.POST)
        return acting.propose(request, training, role) if role.is_valid() else None
    if training.status not in TRAINING_WRITTEN:
        messages.info(request, _("This training runs, or has ended: look at what it says now."))
        return HttpResponseRedirect(pages.link_of(training))
    if asked == "table":
        told["table_form"] = table = TableForm(request.POST, request.FILES)
        return HttpResponseRedirect(pages.link_of(training)) if table.is_valid() and acting.put_table(request, training, table) else None
    return _choose(request, training, told, ask=asked == "train")


def _choose(request: HttpRequest, training: Training, told: dict[str, Any], *, ask: bool) -> HttpResponse | None:
    told["form"] = form = ChoicesForm(training, request.POST)
    if not form.is_valid():
        return None
    checked = acting.choose(request, training, form, ask=ask)
    if checked is None or not form.is_valid():
        return None
    if ask:
        return HttpResponseRedirect(pages.link_of(training))
    told["notes"] = [translated(note) for note in checked.notes]
    told["said"] = pages.checked_words(checked) if checked.rows else _("Nothing is wrong so far.")
    return None


def _page(request: HttpRequest, training: Training, told: dict[str, Any]) -> HttpResponse:
    may_write = operator(request).may(MAY_PROPOSE)
    shown = pages.one_training(training)
    if shown["is_written"]:
        told.setdefault("form", ChoicesForm.of(training))
        told.setdefault("table_form", _table_form(training))
    if training.status == TrainingStatus.TRAINED:
        told |= pages.compared(training)
        told.setdefault("role_form", _role_form(training))
        told["waiting"] = [
            (ROLES[role], found) for role in Role.values if (found := find_open_proposal(ModelRole.name, f"{training.family}:{role}"))
        ]
        told["roles"] = [ROLES[role] for role in told["roles"]]
    title = _("Training of %(name)s") % {"name": shown.pop("title")}
    page = show(request, "laboratory/training.html", title, **shown, **told, may_write=may_write, once=new_key(), **_bounds())
    page["Cache-Control"] = "no-store"
    return page


def _role_form(training: Training, given: Any = None) -> RoleForm:
    """Return the form that proposes the version of a training for a role."""
    version = training.version
    assert version is not None
    form = RoleForm([version], given, initial={"version": version.public_id})
    form.fields["version"].widget = forms.HiddenInput()
    return form


def _table_form(training: Training) -> TableForm:
    """Return the form for another table, with what is wrong with the present one."""
    fault = training.fault
    if not fault or place_of(fault["code"]) != TABLE:
        return TableForm()
    form = TableForm({})
    form.full_clean()
    form.errors.clear()
    form.add_error("table", fault_words(fault["code"], fault))
    return form
