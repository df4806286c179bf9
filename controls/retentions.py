"""How long rows of the work list are kept that no longer hold, and the cases that rules were asked about."""

from controls.models import Assignment, RuleCase
from core.retention import Retention

RETENTIONS = [
    Retention(Assignment, "until", "BNPL_KEEP_TASKS_DAYS", 2, "Who asks who had a task yesterday is answered."),
    Retention(RuleCase, "at", "BNPL_KEEP_CASES_DAYS", 366, "Rules are tried on the cases of 12 months, and each outcome is explained."),
]
