"""A training that the machine began by itself, in words: how it ended, and the comparison with the champion."""

from typing import Any

from django.utils.translation import gettext as _

from learning.models import Outcome, Suggestion
from learning.reporting.words import MODELS, fine, whole

NAMES = {"auc": "AUC", "ks": "KS", "brier": "Brier", "ece": "ECE"}


def outcome_words(suggestion: Suggestion) -> str:
    """Return how a training ended, as a sentence."""
    return {
        Outcome.BEGUN: _("A model is being learned from our own cases."),
        Outcome.FEW: _("Too few of our own cases have ended to learn from."),
        Outcome.NO_BETTER: _("The model learned from our own cases is no better than the champion."),
        Outcome.SUGGESTED: _("The model learned from our own cases is better. Two people may put it to work."),
        Outcome.FAILED: _("Learning from our own cases failed. The log tells more."),
    }[Outcome(suggestion.outcome)]


def comparison_of(suggestion: Suggestion) -> dict[str, Any]:
    """Return the table of the new models and the champion on the same cases."""
    found = suggestion.found
    rows = [(f"{suggestion.version}, {MODELS[kind]}", told) for kind, told in found.get("new", {}).items()]
    if found.get("old"):
        rows.append((_("Champion: %(model)s") % {"model": found["champion"]}, found["old"]))
    return {
        "title": _("Compared on the same cases"),
        "heads": [_("Model"), *NAMES.values()],
        "rows": [[name, *(fine(told[one]) for one in NAMES)] for name, told in rows],
        "text": _(
            "%(cases)s of our own cases, %(bad)s of them bad. New models are measured in cross-validation; the champion may know some."
        )
        % {"cases": whole(found.get("cases", 0)), "bad": whole(found.get("bad", 0))},
    }


def evidence_of(suggestion: Suggestion) -> str:
    """Return the comparison as text, as evidence of a proposal."""
    told = comparison_of(suggestion)
    names = told["heads"][1:]
    lines = [", ".join([name, *(f"{one} {value}" for one, value in zip(names, rest, strict=True))]) for name, *rest in told["rows"]]
    return "\n".join([told["text"], *lines])
