"""The page of models of risk: roles, versions with their figures, and the form that proposes another model for a role."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controls import services
from controls.queries import find_open_proposal, may_see_rules
from controls.services.ruling import MAY_PROPOSE
from core import clock
from core.acting import is_operator
from core.adjusting import value_of
from core.admin import ReadOnlyAdmin, carry_out, find_row
from core.errors import Conflict, Invalid
from core.moments import percent_words
from core.once import new_key
from learning.errors import NoModel, Refused
from learning.models import Family, ModelVersion, Role
from learning.models import Kind as ModelKind
from learning.queries import find_last_suggestion, list_roles, list_versions, list_watched
from learning.reporting.cards import card_of
from learning.reporting.page import models_of
from learning.reporting.suggested import comparison_of, outcome_words
from learning.reporting.watched import alarm_words, watched_of
from learning.reporting.words import MODELS
from learning.settable import MOST_DRIFT
from operations.frame import act_in_form, carry_out_once, operator, show
from operations.scoring.acting import act, find_suggestion
from operations.scoring.proposals import FAMILIES, LABELS, MODEL, ROLES, SHARE, VERSION, WHOLE, ModelRole
from operations.tasklist import operators_by_key

SHOWN = 50
BACK, END = "back", "end"
"""What one operator does to a role: give it back to what had it before, or take it away."""
FIGURES = ("auc", "ks", "brier", "ece")


class RoleForm(forms.Form):
    """A model of a version for a role, the share of cases that it decides, and the reason."""

    version = forms.ChoiceField(label=LABELS[VERSION])
    model = forms.ChoiceField(label=LABELS[MODEL], choices=[(key, MODELS[key]) for key in ModelKind.values])
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=[(key, ROLES[key]) for key in Role.values])
    share = forms.IntegerField(
        label=LABELS[SHARE],
        initial=WHOLE,
        min_value=1,
        max_value=WHOLE,
        help_text=gettext_lazy("In percent. Only a challenger may have less than 100."),
    )
    reason = forms.CharField(max_length=500, label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, versions: list[ModelVersion], *args: Any, **kwargs: Any) -> None:
        """Offer the versions that may be used."""
        super().__init__(*args, **kwargs)
        offered = [(one.public_id, f"{FAMILIES[one.family]}: {one}") for one in versions if one.usable]
        self.fields["version"].choices = offered  # type: ignore[attr-defined]
        self.families = {one.public_id: one.family for one in versions}


class ModelPages(ReadOnlyAdmin):
    """Models of risk: what each was learned from, how good it is, and which of them work."""

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Show models to operators who may view, propose or decide rules, as both decide about people."""
        return may_see_rules(operator(request))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the report of a version: its card, and what each of its two models is worth."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        version = find_row(ModelVersion.objects.defer("stored", "flat"), object_id)
        if request.method == "POST":
            return act(request, version)
        source = _("In cross-validation: on rows that the model was not trained on.")
        told: dict[str, Any] = {
            "card": card_of(version, _person(version.made_by), _person(version.lineage.get("put_by", ""))),
            "models": models_of(version, version.card.get("reports", {}), source),
        }
        told |= {"watched": list(_watched(version)), "once": new_key(), "may_propose": operator(request).may(MAY_PROPOSE)}
        suggestion = find_suggestion(version)
        told |= {"suggested": comparison_of(suggestion)} if suggestion else {}
        return show(request, "model.html", _("Report of the model %(model)s") % {"model": version}, **told)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show roles and versions; propose another model for a role."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        may_propose = operator(request).may(MAY_PROPOSE)
        if request.method == "POST" and request.POST.get("act") in {BACK, END}:
            return self._take_back(request)
        versions = [one for family in Family.values for one in list_versions(family)[:SHOWN]]
        form = RoleForm(versions, request.POST or None)
        if request.method == "POST":
            if not may_propose:
                raise PermissionDenied
            if form.is_valid() and _propose(request, form):
                return carry_out(request, lambda: None, done=_("Proposed. Another person decides now."), back=_page())
        told = {"families": list(_families(versions)), "form": form, "may_propose": may_propose, "once": new_key()}
        return show(request, "models.html", _("Models of risk"), **told, any=any(one.usable for one in versions))

    def _take_back(self, request: HttpRequest) -> HttpResponse:
        """Give a role back to what had it before, or take it away: one operator, since what follows has decided before."""
        user, sent = operator(request), request.POST
        family, role, reason = sent.get("family", ""), sent.get("role", ""), sent.get("reason", "").strip()
        if not user.may(MAY_PROPOSE) or family not in Family.values or role not in Role.values:
            raise PermissionDenied

        def work() -> None:
            # What trains is loaded only where it is needed.
            from learning.services import end_role, roll_back_model

            if not reason:
                raise Invalid("Say why.")
            change = end_role if sent["act"] == END else roll_back_model
            try:
                change(family=family, role=role, reason=reason[:500], actor=str(user.pk), at=clock.now(), seen=sent.get("seen", ""))
            except NoModel:
                raise Conflict("No model had this role before.") from None
            except Refused:
                raise Conflict("The role has changed meanwhile. Look at it first.") from None

        return carry_out_once(request, work, done=_("Done. It counts within seconds."), back=_page())


def _person(key: str) -> str:
    """Return the name of an operator by their key; empty if it is the machine's or a shell's."""
    return operators_by_key().get(key, "") if is_operator(key) else ""


def _watched(version: ModelVersion) -> Iterator[dict[str, Any]]:
    """Yield what the daily watch found of each model of a version, with the alarms that nobody has seen yet."""
    days, bound = list_watched(version), value_of(MOST_DRIFT) / 100
    for kind in ModelKind.values:
        mine = [one for one in days if one.kind == kind]
        if mine:
            alarms = [alarm_words(alarm) for one in mine if one.is_open for alarm in one.alarms]
            yield {"title": MODELS[kind], "charts": watched_of(mine, bound), "alarms": alarms}


def _propose(request: HttpRequest, form: RoleForm) -> bool:
    given = form.cleaned_data
    after = {VERSION: given["version"], MODEL: given["model"], SHARE: given["share"]}
    about = {"kind": ModelRole.name, "subject": f"{form.families[given['version']]}:{given['role']}"}
    return act_in_form(request, form, services.propose, **about, after=after, reason=given["reason"], starts_on=None)


def _families(versions: list[ModelVersion]) -> Iterator[dict[str, Any]]:
    """Yield each family with its roles and versions in words; a constant number of queries."""
    people = operators_by_key()
    for family in Family.values:
        held = list_roles(family)
        yield {
            "key": family,
            "title": FAMILIES[family],
            "learned": (last := find_last_suggestion(family)),
            "learned_words": outcome_words(last) if last else "",
            "roles": [_role(family, role, held.get(role), people) for role in Role.values],
            "versions": [_version(one, held) for one in versions if one.family == family],
        }


def _role(family: str, role: str, change: Any, people: dict[str, str]) -> dict[str, Any]:
    return {
        "key": role,
        "title": ROLES[role],
        "change": change,
        "model": MODELS.get(change.kind, "") if change else "",
        "share": percent_words(change.share * WHOLE) if change and change.share < WHOLE else "",
        "by": [people.get(key, key) for key in (change.proposed_by, change.approved_by) if key] if change else [],
        "waiting": find_open_proposal(ModelRole.name, f"{family}:{role}"),
    }


def _version(version: ModelVersion, held: dict[str, Any]) -> dict[str, Any]:
    figures = getattr(version, "figures", None) or {}
    return {
        "version": version,
        "rows": version.lineage.get("rows", 0),
        "works": [ROLES[role] for role, change in held.items() if change.version_id == version.pk],
        "models": [(MODELS[kind], [(name.upper(), number_format(round(figures[kind][name], 4))) for name in FIGURES]) for kind in figures],
    }


def _page() -> str:
    return reverse("admin:learning_modelversion_changelist")
