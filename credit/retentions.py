"""How long readings of bank accounts are kept."""

from django.utils.translation import gettext_noop

from core.retention import Retention
from credit.models import BankAccess, BankCall

RETENTIONS = [
    Retention(
        BankCall,
        "at",
        "BNPL_KEEP_BANK_CALLS_DAYS",
        400,
        "The page of sources shows 13 months of what readings of banks cost; margins count 24.",
    ),
    Retention(
        BankAccess,
        "started_at",
        "BNPL_KEEP_BANKS_DAYS",
        365,
        gettext_noop("One account verifies one person: its keyed hashes are compared for 12 months. The figures go after 180 days."),
        done="r.closed_at IS NOT NULL",
    ),
]
