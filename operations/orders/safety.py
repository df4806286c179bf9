"""What was assessed of a purchase for fraud before its credit decision, for the decision's page."""

from typing import Any

from controls.telling import tell_kept
from core.ids import parse_id
from credit.models import Decision
from credit.rules.safety import Assessed
from fraud.models import Assessment, FraudCase
from fraud.ruling import TITLES
from fraud.states import Verdict
from fraud.telling import describe_assessment

MARKS = {Verdict.STEP_UP: "desk-waiting", Verdict.HOLD: "desk-waiting", Verdict.BLOCK: "desk-rejected"}


def safety_of(decision: Decision) -> dict[str, Any] | None:
    """Return the assessment that a decision used, in words; None if it used none. Four queries, and one for each rule."""
    used = Assessed.from_json(decision.inputs.get("safety"))
    if used is None:
        return None
    found = Assessment.objects.filter(pk=parse_id(Assessment.PREFIX, used.assessment)).first()
    return {
        "word": TITLES[Verdict(used.says)],
        "mark": MARKS.get(Verdict(used.says), ""),
        "assessment": used.assessment,
        "version": used.version,
        "rules": [tell_kept(one) for one in used.rules],
        "at": found.at if found else None,
        "proved_at": found.proved_at if found else None,
        "case": FraudCase.objects.filter(pk=found.pk).first() if found else None,
        "assessed": describe_assessment(found, decision.currency) if found else None,
    }
