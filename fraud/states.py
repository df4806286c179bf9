"""What an assessment says, what joins people, who labels, and the states of alerts about money laundering."""

from enum import StrEnum

from core.states import Machine


class Verdict(StrEnum):
    """The outcome of an assessment, the mildest first: go on, ask for one more proof, let people look, or refuse."""

    ALLOW = "allow"
    STEP_UP = "step_up"
    HOLD = "hold"
    BLOCK = "block"


GRAVITY = {verdict: rank for rank, verdict in enumerate(Verdict)}
"""How grave each verdict is; the gravest of all rules that hold decides."""


ALERT_OUTCOME = "alert"
"""The outcome of rules about money laundering."""


class AlertStatus(StrEnum):
    """The status of an alert about money laundering: it waits for an officer, was explained, or a report of suspicion was made."""

    OPEN = "open"
    CLEARED = "cleared"
    REPORTED = "reported"


ALERT = Machine(
    AlertStatus,
    initial=[AlertStatus.OPEN],
    transitions={
        "clear": ([AlertStatus.OPEN], AlertStatus.CLEARED),
        "tell": ([AlertStatus.OPEN], AlertStatus.REPORTED),
    },
)


class LinkKind(StrEnum):
    """The kinds of things that join people in the network; `person` joins the accounts of one person, `network` is an internet address."""

    PERSON = "person"
    DEVICE = "device"
    CARD = "card"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    NETWORK = "network"


class Said(StrEnum):
    """What an attempt turned out to be, by its label."""

    FRAUD = "fraud"
    HONEST = "honest"


class Listed(StrEnum):
    """The lists of values that operators know: what is refused, and what is let go on."""

    BLOCK = "block"
    ALLOW = "allow"


class ListKind(StrEnum):
    """The kinds of values on a list; a range is of internet addresses."""

    PERSON = "person"
    DEVICE = "device"
    CARD = "card"
    ADDRESS = "address"
    EMAIL = "email"
    DOMAIN = "domain"
    PHONE = "phone"
    RANGE = "range"


class LabelSource(StrEnum):
    """Who said that something is fraud, or honest."""

    DESK = "desk"
    CHARGEBACK = "chargeback"
    COLLECTIONS = "collections"
