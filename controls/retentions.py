"""How long rows of the work list are kept that no longer hold."""

from controls.models import Assignment
from core.retention import Retention

RETENTIONS = [Retention(Assignment, "until", "BNPL_KEEP_TASKS_DAYS", 2, "Who asks who had a task yesterday is answered.")]
