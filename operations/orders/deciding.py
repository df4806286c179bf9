"""What decided, on the page of a credit decision: models with their probabilities, what raised the risk, the grade and its rules."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controls.telling import tell_kept
from core.errors import NotFound
from core.ids import parse_id
from core.moments import number_words, percent_words
from core.sentences import Text
from credit.models import Decision
from credit.rules.grades import Risk
from credit.scoring import DAMAGED, FOREIGN
from learning.models import ModelVersion
from learning.reporting.words import MODELS
from operations.scoring.proposals import ROLES

FACTS: dict[str, Text] = {
    "bureau_score": gettext_lazy("Score of the bureau"),
    "thin_file": gettext_lazy("Little is known"),
    "delinquencies_24m": gettext_lazy("Late payments in the last two years"),
    "open_accounts": gettext_lazy("Open credit accounts"),
    "utilization_pct": gettext_lazy("Of their credit in use"),
    "inquiries_6m": gettext_lazy("Applications for credit in the last six months"),
    "oldest_account_months": gettext_lazy("Age of the oldest account in months"),
    "fraud_alert": gettext_lazy("Fraud alert"),
    "amount_to_income": gettext_lazy("The amount against the income left of a month"),
    "used_to_income": gettext_lazy("What is in use against the income left of a month"),
    "paid_on_time": gettext_lazy("Payments made in time"),
    "paid_late": gettext_lazy("Payments made late"),
    "gambling_share": gettext_lazy("Gambling against what came in"),
    "lenders_to_income": gettext_lazy("What other lenders are paid against the income of a month"),
    "below_zero_30d": gettext_lazy("Days below zero of the last 30"),
    "lowest_to_income": gettext_lazy("The lowest balance against the income of a month"),
    "returned_90d": gettext_lazy("Debits that came back in the last 90 days"),
    "steady_income": gettext_lazy("Share of the months with the usual income"),
}
"""The facts of `credit.cases` as operators read them."""
FAULTS: dict[str, Text] = {
    DAMAGED: gettext_lazy("could not be asked: its stored form is damaged"),
    FOREIGN: gettext_lazy("could not be asked: it was trained on other facts than decisions have"),
}


def decided_by(decision: Decision) -> dict[str, Any]:
    """Return what decided: `models` with the deciding one first, `raised` facts, `grade`, and `rules` in words; a query for each rule."""
    inputs = decision.inputs
    risk, grade = Risk.from_json(inputs.get("risk")), inputs.get("grade") or {}
    kept = [*grade.get("rules", ()), *(rule for name in ("ruled", "behavior") for rule in (inputs.get(name) or {}).get("rules", ()))]
    return {
        "probability": chance(risk.deciding.ppm) if risk and risk.deciding else "",
        "models": _models(risk) if risk else [],
        "raised": _raised(risk) if risk else [],
        "grade": _graded(decision.versions.get("grade", ""), grade),
        "rules": [tell_kept(one) for one in kept],
    }


def chance(ppm: int) -> str:
    """Return a probability in millionths as a percentage with two decimals."""
    return percent_words(round(ppm / 100))


def _models(risk: Risk) -> list[dict[str, Any]]:
    said = sorted((risk.said or {}).items(), key=lambda pair: pair[0] != risk.decides)
    found = [
        {
            "role": str(ROLES[role]),
            "name": f"{one.version} · {MODELS[one.kind]}",
            "link": _link(one.model),
            "told": chance(one.ppm),
            "decides": role == risk.decides,
        }
        for role, one in said
    ]
    failed = [(str(ROLES[role]), str(FAULTS[why])) for role, why in (risk.failed or {}).items()]
    return found + [{"role": role, "name": why, "link": "", "told": "–", "decides": False} for role, why in failed]


def _link(model: str) -> str:
    try:
        return reverse("admin:learning_modelversion_change", args=[parse_id(ModelVersion.PREFIX, model)])
    except NotFound:
        return ""


def _raised(risk: Risk) -> list[dict[str, str]]:
    """Return the facts that raised the risk most, each with its part of the log odds."""
    reasons = risk.deciding.reasons if risk.deciding else ()
    return [{"fact": str(FACTS.get(fact, fact)), "part": f"+{number_words(round(part, 2))}"} for fact, part in reasons]


def _graded(name: str, grade: Mapping[str, Any]) -> str:
    """Return the grade, with its share of a month's income where rules gave it."""
    if not name or not grade:
        return name or (_("none") if grade else "")
    return _("%(grade)s: %(share)s of a month's income") % {"grade": name, "share": percent_words(grade["share_bps"])}
