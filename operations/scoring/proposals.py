"""The kind of proposals about models of risk: which model of which version has a role."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controls.kinds import Detail, Kind, Values
from controls.queries import proposal_of
from core.errors import Conflict, Invalid, NotFound
from core.ids import parse_id
from core.moments import percent_words
from core.sentences import Sentence
from learning.decided import DECIDING, foreign_columns, named
from learning.errors import Damaged, NoModel, Refused
from learning.models import Family, ModelVersion, Role
from learning.models import Kind as ModelKind
from learning.queries import list_roles
from learning.reporting.proposed import evidence_for
from learning.reporting.words import MODELS

VERSION, MODEL, SHARE = "version", "model", "share"
WHOLE = 100
"""The share of cases, in percent, that a model without a partner decides."""
FAMILIES: dict[str, Any] = {
    Family.CREDIT: gettext_lazy("Risk of default"),
    Family.FRAUD: gettext_lazy("Risk of fraud"),
    Family.REMINDER: gettext_lazy("Need of reminders"),
}
ROLES: dict[str, Any] = {
    Role.CHAMPION: gettext_lazy("Champion"),
    Role.CHALLENGER: gettext_lazy("Challenger"),
    Role.SHADOW: gettext_lazy("Shadow"),
}
LABELS: dict[str, Any] = {VERSION: gettext_lazy("Version"), MODEL: gettext_lazy("Model"), SHARE: gettext_lazy("Share of cases")}


class ModelRole(Kind):
    """Which model of a version has a role, and the percentage of cases that it decides; the subject is `family:role`."""

    name, about, title = "learning.role", "rules", gettext_lazy("Model of risk")

    def subject_name(self, subject: str) -> str:
        """Return the family and the role."""
        family, role = _parts(subject)
        return f"{FAMILIES[family]}: {ROLES[role]}"

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return what has the role; an empty version if nothing has."""
        family, role = _parts(subject)
        held = list_roles(family).get(role)
        if held is None or held.version is None:
            return {VERSION: "", MODEL: "", SHARE: 0}
        return {VERSION: held.version.public_id, MODEL: held.kind, SHARE: held.share}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse what is no model of the family, a version that must not be used, and a share that the role cannot have."""
        family, role = _parts(subject)
        if set(after) != {VERSION, MODEL, SHARE} or starts_on is not None or after[MODEL] not in ModelKind.values:
            raise Invalid("This cannot be changed here.")
        version, share = version_of(str(after[VERSION])), after[SHARE]
        if version.family != family:
            raise Invalid("This cannot be changed here.")
        if not version.usable:
            raise Conflict("The licence of its data keeps this version out of the product.")
        if role in DECIDING and (foreign := foreign_columns(version)):
            told = Sentence("It looks at columns that decisions do not have (%(columns)s): only a shadow may.", columns=named(foreign))
            raise Conflict(told)
        least = 1 if role == Role.CHALLENGER else WHOLE
        if isinstance(share, bool) or not isinstance(share, int) or not least <= share <= WHOLE:
            raise Invalid(
                "This share cannot be used.", fields={SHARE: Sentence("is outside %(least)s to %(most)s", least=least, most=WHOLE)}
            )

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Put the model to work; return its version."""
        # Only who promotes loads what trains.
        from learning.services import promote_model

        (family, role), made, version = _parts(subject), proposal_of(actor), version_of(after[VERSION])
        people: dict[str, Any] = {"actor": made.proposed_by, "approved_by": made.decided_by, "reason": made.reason}
        told: dict[str, Any] = {"family": family, "role": role, "name": version.name, "version": version.version}
        try:
            change = promote_model(**told, **people, kind=after[MODEL], share=after[SHARE], at=at)
        except (Damaged, NoModel, Refused):
            raise Conflict("This version cannot be read as it was stored, or must not be used.") from None
        return str(change.version)

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return a value's name and the value in words."""
        if name == VERSION:
            return str(LABELS[name]), str(version_of(value)) if value else _("none")
        if name == MODEL:
            return str(LABELS[name]), str(MODELS.get(value, ""))
        return str(LABELS[name]), percent_words(value * WHOLE) if value else ""

    def details(self, subject: str, before: Values, after: Values) -> list[Detail]:
        """Return the model's figures beside the champion's, with a link to its report."""
        family, _role = _parts(subject)
        version = version_of(str(after[VERSION]))
        found = evidence_for(version, str(after[MODEL]), list_roles(family).get(Role.CHAMPION))
        link = {"link": reverse("admin:learning_modelversion_change", args=[version.pk]), "link_text": _("Read its report")}
        if found is None:
            return [Detail(_("What it is worth"), [], [], text=_("This version was trained before reports were kept."), **link)]
        return [Detail(_("What it is worth"), found.heads, found.rows, text=found.text, **link)]

    def cautions(self, subject: str, after: Values) -> list[str]:
        """Say that a model looks at columns that decisions do not have: as a shadow it would say nothing."""
        foreign = foreign_columns(version_of(str(after[VERSION])))
        if not foreign:
            return []
        told = _("It looks at columns that decisions do not have (%(columns)s), so nothing is recorded of it.")
        return [told % {"columns": named(foreign)}]

    def form_fields(self, subject: str, after: Values) -> dict[str, forms.Field]:
        """Return the field of the share."""
        return {SHARE: forms.IntegerField(label=LABELS[SHARE], initial=after[SHARE], min_value=1, max_value=WHOLE)}

    def link(self, subject: str) -> str:
        """Return the page of models."""
        return reverse("admin:learning_modelversion_changelist")


def version_of(public_id: str) -> ModelVersion:
    """Return a version by its public id, without its bytes; NotFound."""
    found = ModelVersion.objects.filter(pk=parse_id(ModelVersion.PREFIX, public_id)).defer("stored", "flat").first()
    if found is None:
        raise NotFound("There is no such model.")
    return found


def _parts(subject: str) -> tuple[str, str]:
    family, _sign, role = subject.partition(":")
    if family not in Family.values or role not in Role.values:
        raise NotFound("There is no such model.")
    return family, role
