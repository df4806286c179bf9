"""In which states a consumer's identity and their requests can be, and what leads from one to another."""

from enum import StrEnum

from core.states import Machine


class Identity(StrEnum):
    """Whether a consumer is known to be who they say: never checked, being checked, yes, or no."""

    UNKNOWN = "unknown"
    PENDING = "pending"
    VERIFIED = "verified"
    REJECTED = "rejected"


IDENTITY = Machine(
    Identity,
    column="identity",
    initial=[Identity.UNKNOWN],
    transitions={
        "await_identity": ([Identity.UNKNOWN, Identity.REJECTED], Identity.PENDING),
        "verify_identity": ([Identity.UNKNOWN, Identity.PENDING, Identity.REJECTED], Identity.VERIFIED),
        "reject_identity": ([Identity.UNKNOWN, Identity.PENDING, Identity.VERIFIED], Identity.REJECTED),
    },
)


class RequestStatus(StrEnum):
    """Whether an operator has answered what a consumer asked."""

    OPEN = "open"
    ANSWERED = "answered"


REQUEST = Machine(RequestStatus, initial=[RequestStatus.OPEN], transitions={"close": ([RequestStatus.OPEN], RequestStatus.ANSWERED)})
