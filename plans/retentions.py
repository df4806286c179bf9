"""How long the budgets of people in hardship are kept."""

from core.retention import Retention
from plans.models import Budget

RETENTIONS = [
    Retention(
        Budget,
        "at",
        "BNPL_KEEP_BUDGETS_DAYS",
        365,
        "Relief counts for a year, and what came of it is shown for twelve months.",
        function="forget_budgets",
    ),
]
