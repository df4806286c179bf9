"""Why an event was not told, or a provider not reached, in a sentence for people; the program's own words are for who mends it."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

_NAME = re.compile(r"[A-Za-z_]+")
GONE = gettext_noop("What it is about does not exist here, or not any more.")
ERASED = gettext_noop("The person it is about was erased: it can never be told again.")
UNREACHED = gettext_noop("A server or provider did not answer in time.")
ANSWERED_BADLY = gettext_noop("The server or provider answered with an error of its own.")
REJECTED = gettext_noop("The provider refuses the keys.")
BUSY = gettext_noop("The database was busy or not reached.")
REFUSED = gettext_noop("The database refused a value that does not fit the rest.")
FORBIDDEN = gettext_noop("It is not allowed as things stand, such as by the status of what it is about.")
OTHER = gettext_noop("The program failed on it: who looks after the program has to read the details.")
KINDS = {
    **dict.fromkeys(["NotFound", "DoesNotExist", "ObjectDoesNotExist"], GONE),
    "Erased": ERASED,
    **dict.fromkeys(["ConnectionError", "ConnectTimeout", "ReadTimeout", "Timeout", "TimeoutError", "SSLError", "Unanswered"], UNREACHED),
    "GatewayUnavailable": UNREACHED,
    "HTTPError": ANSWERED_BADLY,
    **dict.fromkeys(["AuthenticationError", "SMTPAuthenticationError"], REJECTED),
    **dict.fromkeys(["OperationalError", "InterfaceError", "DeadlockDetected", "LockNotAvailable"], BUSY),
    **dict.fromkeys(["IntegrityError", "DataError", "CheckViolation"], REFUSED),
    **dict.fromkeys(["TransitionNotAllowed", "Conflict", "Invalid", "Forbidden"], FORBIDDEN),
}
"""The sentences by the names of the exceptions."""


def trouble_text(error: str) -> str:
    """Say in the present language why a handler failed, by the exception that is kept with the delivery."""
    name = _NAME.match(error)
    return _(KINDS.get(name[0], OTHER)) if name else _(OTHER)
