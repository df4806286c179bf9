"""How long rows about sign-ins and looks at people are kept."""

from axes.models import AccessAttempt

from accounts.models import Look, SignInCode
from core.retention import Retention

RETENTIONS = [
    Retention(
        SignInCode,
        "sent_at",
        "BNPL_KEEP_CODES_DAYS",
        2,
        "A code is good for ten minutes, and who asks for many is known by those of the last hour.",
    ),
    Retention(
        AccessAttempt,
        "attempt_time",
        "BNPL_KEEP_SIGN_INS_DAYS",
        2,
        "Who mistypes it often waits for a while.",
        by_wall=True,
    ),
    Retention(
        Look,
        "at",
        "BNPL_KEEP_LOOKS_DAYS",
        365,
        "Who looked at whom can be asked for a year at least.",
        by_wall=True,
        function="forget_looks",
    ),
]
