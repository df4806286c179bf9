"""How long rows about sign-ins, looks at people and screenings are kept."""

from axes.models import AccessAttempt
from django.utils.translation import gettext_noop

from accounts.models import IdentityPicture, Look, PasskeyUse, Screening, ScreeningMatch, SignInCode, SupportFlag
from accounts.states import PROOF_OPEN, MatchStatus
from core.retention import Retention
from core.states import words

_OFFICERS, _WHY = "BNPL_KEEP_LAUNDERING_DAYS", "The law asks for what the money laundering desk found for five years."
_CODES = "A code is good for ten minutes, and who asks for many is known by those of the last hour."
RETENTIONS = [
    Retention(
        SignInCode,
        "sent_at",
        "BNPL_KEEP_CODES_DAYS",
        2,
        _CODES,
    ),
    Retention(
        PasskeyUse,
        "at",
        "BNPL_KEEP_CODES_DAYS",
        2,
        _CODES,
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
        gettext_noop("Who looked at whom can be asked for a year at least."),
        by_wall=True,
        function="forget_looks",
    ),
    Retention(
        IdentityPicture,
        "sent_at",
        "BNPL_KEEP_PROOFS_DAYS",
        7,
        gettext_noop("A person may object to a decision about them; the decision itself stays."),
        done=f"NOT EXISTS (SELECT 1 FROM accounts_identityproof p WHERE p.id = r.proof_id AND p.status IN ({words(PROOF_OPEN)}))",  # noqa: S608  (states)
    ),
    Retention(
        SupportFlag,
        "review_on",
        "BNPL_KEEP_SUPPORT_DAYS",
        1,
        gettext_noop("It counts until its day; an operator may ask the person again then."),
    ),
    Retention(Screening, "asked_at", _OFFICERS, 1_827, _WHY, function="forget_screenings"),
    Retention(
        ScreeningMatch,
        "raised_at",
        _OFFICERS,
        1_827,
        _WHY,
        done=f"r.status IN ({words([MatchStatus.CLEARED, MatchStatus.ACCEPTED])})",
        function="forget_screening_matches",
    ),
]
