"""How long notices of refusals are kept."""

from core.retention import Retention
from notifications.models import Notice

RETENTIONS = [
    Retention(
        Notice,
        "keep_until",
        "BNPL_KEEP_NOTICES_DAYS",
        0,
        "A notice is kept for as long as its market's law says (records.keep_months); longer is an installation's own choice.",
        function="forget_notices",
    ),
]
