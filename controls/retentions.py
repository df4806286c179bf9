"""Retention of past assignments of the work list, and of the cases of rules."""

from controls.models import Assignment, RuleCase
from core.retention import Retention

RETENTIONS = [
    Retention(Assignment, "until", "BNPL_KEEP_TASKS_DAYS", 2, "Who asks who had a task yesterday is answered."),
    Retention(RuleCase, "at", "BNPL_KEEP_CASES_DAYS", 366, "Rules are tried on the cases of 12 months, and each outcome is explained."),
]
