"""What is said of a version of rules before anybody puts it in force, by its last trial."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from controls.models import RuleTrial
from controls.rule_kinds import RuleKind
from controls.rules.trials import MUCH
from controls.states import TrialStatus
from controls.telling import outcome_words
from core.moments import percent_words


def warnings_of(trial: RuleTrial, kind: RuleKind) -> list[str]:
    """Return what is said of a version that does something to all, to many or to none of the cases; nothing for an unfinished trial."""
    found, sweep = trial.found, kind.sweep
    if trial.status != TrialStatus.FINISHED:
        return []
    if not found["asked"]:
        return [_("There was no case in these months, so this trial says nothing.")]
    share = (found["other"] if sweep.counts_others else found["after"]) / found["asked"]
    if share >= 1:
        said = [str(sweep.every)]
    elif share == 0:
        said = [str(sweep.none)]
    else:
        said = [str(sweep.many) % {"share": share_words(share)}] if share >= MUCH else []
    return [*said, *_always(found, kind)]


def _always(found: Mapping[str, Any], kind: RuleKind) -> list[str]:
    """Return a sentence for each part of an outcome that every case would have had, if outcomes have several parts."""
    whole = [part for part, count in found["seen"].items() if count == found["asked"]] if kind.counts_values else []
    return [_("For every case: %(outcome)s.") % {"outcome": outcome_words(kind, part)} for part in whole]


def share_words(share: float) -> str:
    """Return a share from 0 to 1 in percent."""
    return percent_words(round(share * 10_000))
