"""The states of consumers' identity and requests, and their transitions."""

from enum import StrEnum

from core.states import Machine


class Identity(StrEnum):
    """The state of a consumer's identity: never checked, being checked, verified, or rejected."""

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


class CheckResult(StrEnum):
    """The result in a row of an identity check: requested without a result yet, confirmed, or rejected (not the person, or on a list)."""

    PENDING = "pending"
    CLEAR = "clear"
    REJECTED = "rejected"


# A row never changes: the result of a check is another row with the same reference.
CHECK = Machine(CheckResult, column="result", initial=list(CheckResult), transitions={})


class RequestStatus(StrEnum):
    """Whether an operator has answered a consumer's request."""

    OPEN = "open"
    ANSWERED = "answered"


REQUEST = Machine(RequestStatus, initial=[RequestStatus.OPEN], transitions={"close": ([RequestStatus.OPEN], RequestStatus.ANSWERED)})


class MatchStatus(StrEnum):
    """The status of a possible match with a list: open, cleared (another person), accepted (a politically exposed person), or confirmed."""

    OPEN = "open"
    CLEARED = "cleared"
    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"


MATCH_STOPS = (MatchStatus.OPEN, MatchStatus.CONFIRMED)
"""The states of matches that let nothing be approved."""
MATCH = Machine(
    MatchStatus,
    initial=[MatchStatus.OPEN],
    transitions={
        "clear": ([MatchStatus.OPEN, MatchStatus.CONFIRMED], MatchStatus.CLEARED),
        "accept": ([MatchStatus.OPEN], MatchStatus.ACCEPTED),
        "confirm": ([MatchStatus.OPEN], MatchStatus.CONFIRMED),
    },
)


class ListSource(StrEnum):
    """Who publishes a list of sanctions that the product reads itself."""

    OFAC = "ofac"
    EU = "eu"
    UN = "un"
    UK = "uk"


class ListKind(StrEnum):
    """The kinds of lists that people are screened against."""

    SANCTIONS = "sanctions"
    PEP = "pep"


class ProofStatus(StrEnum):
    """The status of pictures that prove who somebody is.

    A company looks at them (`checking`), or a person here does (`review`); `accepted` ends with the document (`ended`).
    """

    CHECKING = "checking"
    REVIEW = "review"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    ENDED = "ended"


PROOF_OPEN = (ProofStatus.CHECKING, ProofStatus.REVIEW)
PROOF = Machine(
    ProofStatus,
    initial=[ProofStatus.CHECKING],
    transitions={
        "ask_reviewer": ([ProofStatus.CHECKING], ProofStatus.REVIEW),
        "accept": (PROOF_OPEN, ProofStatus.ACCEPTED),
        "refuse": (PROOF_OPEN, ProofStatus.REFUSED),
        "end": ([ProofStatus.ACCEPTED], ProofStatus.ENDED),
    },
)


class ProofLevel(StrEnum):
    """What pictures show: a document, or a document and the person."""

    DOCUMENT = "document"
    SELFIE = "selfie"


class ContactStatus(StrEnum):
    """The status of a change of a contact: it waits for its time, was made, was undone by the person, or could not be made any more."""

    WAITING = "waiting"
    MADE = "made"
    UNDONE = "undone"
    DROPPED = "dropped"


CONTACT = Machine(
    ContactStatus,
    initial=[ContactStatus.WAITING],
    transitions={
        "make": ([ContactStatus.WAITING], ContactStatus.MADE),
        "undo": ([ContactStatus.WAITING], ContactStatus.UNDONE),
        "drop": ([ContactStatus.WAITING], ContactStatus.DROPPED),
    },
)
