"""Verdicts, kinds of acts and links, sources of labels, lists, and the states of alerts about money laundering."""

from enum import StrEnum

from core.states import Machine


class Verdict(StrEnum):
    """The verdict of an assessment, mildest first: allow, ask for another code, hold for people, or refuse."""

    ALLOW = "allow"
    STEP_UP = "step_up"
    CONFIRM = "confirm"
    HOLD = "hold"
    BLOCK = "block"


class Moment(StrEnum):
    """When a purchase is assessed: before its credit decision, when no card is known, or at the last click."""

    DECISION = "decision"
    CONSENT = "consent"


ASKED = (Verdict.STEP_UP, Verdict.CONFIRM)
"""The verdicts that ask the person for a proof: another code, or the confirmation of their card by its bank (3-D Secure)."""
STOPS = frozenset({*ASKED, Verdict.BLOCK})
"""The verdicts that stop a purchase, before its credit decision or at the last click."""
GRAVITY = {verdict: rank for rank, verdict in enumerate(Verdict)}
"""The rank of each verdict; the gravest of all rules that hold decides."""


ALERT_OUTCOME = "alert"
"""The outcome of rules about money laundering."""


class AlertStatus(StrEnum):
    """The status of an alert about money laundering: open, cleared with an explanation, or reported as a suspicion."""

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


class ActKind(StrEnum):
    """The kinds of acts on accounts: a sign-in, a mistyped code, a changed address or contact, an added card or bank account."""

    SIGN_IN = "sign_in"
    CODE_FAILED = "failed"
    ADDRESS = "address"
    CONTACT = "contact"
    CARD = "card"
    ACCOUNT = "account"


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
    """The label of an attempt: fraud or honest."""

    FRAUD = "fraud"
    HONEST = "honest"


class Listed(StrEnum):
    """The operators' lists: blocked values, and allowed values."""

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
    """The source of a label."""

    DESK = "desk"
    CHARGEBACK = "chargeback"
    COLLECTIONS = "collections"
