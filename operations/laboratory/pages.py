"""What the pages of the laboratory show, as plain values."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.readable import words
from learning.lab.checking import Checked
from learning.lab.queries import has_table, list_trainings, waiting_before
from learning.models import TableSource, Training
from learning.queries import list_roles
from learning.reporting.beside import beside_of, why_alone
from learning.reporting.faults import fault_words
from learning.reporting.words import whole
from learning.states import TRAINING_OPEN, TRAINING_WRITTEN, TrainingStatus
from learning.steps import Step
from operations.laboratory.forms import SOURCES
from operations.scoring.proposals import FAMILIES
from operations.tasklist import operators_by_key

SHOWN = 50
MARKS = {
    TrainingStatus.DRAFT: "desk-prepared",
    TrainingStatus.WAITING: "desk-waiting",
    TrainingStatus.RUNNING: "desk-waiting",
    TrainingStatus.TRAINED: "desk-approved",
    TrainingStatus.FAILED: "desk-rejected",
}
STEPS: dict[str, Any] = {
    Step.READ: gettext_lazy("reading the table"),
    Step.CHECK: gettext_lazy("checking its columns"),
    Step.STRENGTHS: gettext_lazy("trying settings"),
    Step.CROSS: gettext_lazy("cross-validation"),
    Step.WHOLE: gettext_lazy("training on all rows"),
    Step.REPORT: gettext_lazy("measuring for the report"),
    Step.COMPARE: gettext_lazy("comparing with the champion"),
}


def link_of(training: Training) -> str:
    """Return the page of a training."""
    return reverse("admin:learning_training_change", args=[training.pk])


def all_trainings() -> dict[str, Any]:
    """Return the newest trainings; a constant number of queries."""
    found = list(list_trainings()[: SHOWN + 1])
    people = operators_by_key()
    return {"lines": [_line(one, people) for one in found[:SHOWN]], "more": len(found) > SHOWN}


def _line(training: Training, people: dict[str, str]) -> dict[str, Any]:
    return {
        "training": training,
        "link": link_of(training),
        "title": str(training.version or training.name or training.file or SOURCES[training.source]),
        "family": FAMILIES[training.family],
        "status": _status(training),
        "mark": MARKS.get(TrainingStatus(training.status), ""),
        "by": people.get(training.asked_by or training.made_by, ""),
        "at": training.asked_at or training.made_at,
    }


def _status(training: Training) -> str:
    if training.status == TrainingStatus.RUNNING:
        return f"{_state(training)}: {training.percent}%"
    return _state(training)


def _state(training: Training) -> str:
    if training.status == TrainingStatus.DRAFT and training.fault:
        return _("Draft, to be mended")
    return _("Waits its turn") if training.status == TrainingStatus.WAITING else words(training.status)


def one_training(training: Training) -> dict[str, Any]:
    """Return what the page of a training shows in any state."""
    people = operators_by_key()
    is_open, is_written = training.status in TRAINING_OPEN, training.status in TRAINING_WRITTEN
    return {
        **_line(training, people),
        "facts": _facts(training, people),
        "is_open": is_open,
        "is_written": is_written,
        "is_failed": training.status == TrainingStatus.FAILED,
        "is_canceled": training.status == TrainingStatus.CANCELED,
        "is_own": training.source == TableSource.OWN,
        "lost_table": is_written and training.source == TableSource.FILE and not has_table(training),
        "fault": fault_words(training.fault["code"], training.fault) if training.fault else "",
        **(progress_of(training) if is_open else {}),
    }


def _facts(training: Training, people: dict[str, str]) -> list[tuple[str, str]]:
    version, facts = training.version, [(_("Learned"), str(FAMILIES[training.family])), (_("Rows"), str(SOURCES[training.source]))]
    if training.source == TableSource.FILE:
        facts += [(_("Table"), training.file), (_("Size"), _size(training.size)), (_("Checksum of the table (SHA-256)"), training.sha256)]
        facts.append((_("Table put there by"), people.get(training.put_by or training.made_by, "")))
    if training.target:
        facts.append((_("Target"), f"{training.target} = {training.positive}" if training.positive else training.target))
    if version is not None:
        facts.append((_("Rows with a known end"), f"{whole(version.lineage['rows'])}, {whole(version.lineage['bad'])} {_('bad')}"))
    facts.append((_("Prepared by"), people.get(training.made_by, "")))
    return facts + ([(_("Asked for by"), people.get(training.asked_by, ""))] if training.asked_by else [])


def _size(size: int) -> str:
    return (
        _("%(number)s MB") % {"number": whole(size >> 20)} if size >= 10 << 20 else _("%(number)s kB") % {"number": whole(-(-size >> 10))}
    )


def progress_of(training: Training) -> dict[str, Any]:
    """Return how far an open training is: its step and percentage, or its place among those that wait."""
    told: dict[str, Any] = {"state": _state(training), "percent": training.percent, "running": training.status == TrainingStatus.RUNNING}
    if not told["running"]:
        before = waiting_before(training)
        told["step"] = (
            ngettext("It waits for %(number)s other training.", "It waits for %(number)s other trainings.", before) % {"number": before}
            if before
            else _("It is the next one, and begins within seconds.")
        )
        return told
    step = str(STEPS.get(training.step, _("it begins")))
    told["step"] = f"{step} ({training.number}/{training.rounds})" if training.rounds > 1 else step
    return told


def checked_words(checked: Checked) -> str:
    """Return what was looked at, where nothing was wrong."""
    if checked.is_whole:
        return _("Nothing is wrong with any of the %(rows)s rows.") % {"rows": whole(checked.rows)}
    return _("Nothing is wrong with the first %(rows)s rows. The rest is checked when the training begins.") % {"rows": whole(checked.rows)}


def compared(training: Training) -> dict[str, Any]:
    """Return the comparison of a finished training's version with the champion, or why there is none."""
    version = training.version
    if version is None:
        return {}
    roles = [role for role, change in list_roles(version.family).items() if change.version_id == version.pk]
    return {"version": version, "beside": beside_of(version, training.found), "alone": why_alone(training.found), "roles": roles}
