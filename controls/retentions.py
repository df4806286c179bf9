"""Retention of past assignments of the work list, and of the cases of rules."""

from controls.models import Assignment, EvidenceFile, RuleCase
from controls.states import PROPOSAL_OPEN
from core.retention import Retention
from core.states import words

_DECIDED = f"NOT EXISTS (SELECT 1 FROM controls_proposal p WHERE p.id = r.proposal_id AND p.status IN ({words(PROPOSAL_OPEN)}))"  # noqa: S608

RETENTIONS = [
    Retention(Assignment, "until", "BNPL_KEEP_TASKS_DAYS", 2, "Who asks who had a task yesterday is answered."),
    Retention(RuleCase, "at", "BNPL_KEEP_CASES_DAYS", 366, "Rules are tried on the cases of 12 months, and each outcome is explained."),
    Retention(EvidenceFile, "added_at", "BNPL_KEEP_EVIDENCE_DAYS", 366, "Who decided on a change can show for a year why.", done=_DECIDED),
]
