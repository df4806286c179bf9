"""How long readings of bank accounts are kept."""

from core.retention import Retention
from credit.models import BankAccess

RETENTIONS = [
    Retention(
        BankAccess,
        "started_at",
        "BNPL_KEEP_BANKS_DAYS",
        91,
        "Decisions use what accounts showed for at most 90 days, and store what they used.",
        done="r.closed_at IS NOT NULL",
    ),
]
