"""What speaks for a model that is proposed for a role: its figures beside the champion's, and what each approves and loses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from learning.lab.comparing import NO_CHAMPION
from learning.models import ModelVersion, RoleChange, Training
from learning.reporting.beside import why_alone
from learning.reporting.suggested import NAMES
from learning.reporting.told import sides_of
from learning.reporting.words import MODELS, fine, share

APPROVED = (0.8, 0.9)
"""So many cases are approved where models are compared by what they lose."""
Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A table of models and their figures, and on which rows these were measured."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    text: str


def evidence_for(version: ModelVersion, kind: str, champion: RoleChange | None) -> Evidence | None:
    """Return the figures of a model beside the champion's; None for a version without a report. At most one query.

    Both are of the same rows where the laboratory compared them; otherwise each is of the rows that its own training set aside.
    """
    report = version.card.get("reports", {}).get(kind)
    if report is None:
        return None
    rows = [_row(f"{version}, {MODELS[kind]}", report)]
    text = _("Measured on rows on which the model was not trained.")
    if champion is None or champion.version is None:
        text += " " + why_alone({"why": NO_CHAMPION})
    beside, same = _champion(version, champion)
    if beside is not None and champion is not None:
        rows.append(_row(_("Champion: %(model)s") % {"model": f"{champion.version}, {MODELS[champion.kind]}"}, beside))
        text = (
            _("Both were measured on the same rows, on which the new model was not trained.")
            if same
            else _("Each was measured on the rows that its own training set aside: small differences may come from that.")
        )
    cuts = [str(sides_of(version.family).bad_at_share) % {"share": share(one)} for one in APPROVED]
    return Evidence([_("Model"), *NAMES.values(), *cuts], rows, text)


def _champion(version: ModelVersion, champion: RoleChange | None) -> tuple[Told | None, bool]:
    """Return the champion's report, and whether it is of the same rows as the new model's."""
    if champion is None or champion.version is None or champion.version_id == version.pk:
        return None, False
    training = Training.objects.filter(version=version).only("found").first()
    found = training.found if training else {}
    if "figures" in found and (found.get("champion"), found.get("kind")) == (str(champion.version), champion.kind):
        return found, True
    return champion.version.card.get("reports", {}).get(champion.kind), False


def _row(name: str, report: Told) -> list[str]:
    losses = [_loss(report.get("cuts", []), one) for one in APPROVED]
    return [name, *(fine(report["figures"][one]) for one in NAMES), *losses]


def _loss(cuts: Sequence[Sequence[float]], approved: float) -> str:
    """Return the share of bad of those approved at the cut-off that comes nearest to a share of approvals."""
    return share(min(cuts, key=lambda row: abs(row[1] - approved))[2]) if cuts else "–"
