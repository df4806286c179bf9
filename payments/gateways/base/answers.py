"""What a gateway's answers mean."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from core.errors import Malformed
from payments.gateways.base.requests import Request
from payments.states import CheckState


class Status(StrEnum):
    """The status of a movement at its gateway, in the words of `MovementStatus`.

    `unknown`: no answer. `under_way`: begun, but it takes days to end, as with a bank debit.
    """

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"
    UNDER_WAY = "under_way"


class Verdict(StrEnum):
    """The state of a dispute at its gateway: `won`, we keep the money; `lost`, the cardholder keeps it."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


AUTHENTICATION = "authentication_required"
"""The failure of a charge that the person must confirm at their bank; `action_url` is the gateway's page for this, if it has one."""

TOO_SMALL = "amount_too_small"
"""The failure of a charge below the gateway's minimum; the payment method is not to blame."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A gateway's answer: its own reference, the decline code if it refused, and the amount that it says it moved.

    A success counts only with exactly the requested amount and currency. `fee_minor` is the sum of fees that the gateway took so far for
    later turns of a charge (a reversal, a dispute), in the charge's currency.
    """

    status: Status
    ref: str = ""
    failure: str = ""
    action_url: str = ""
    amount_minor: int | None = None
    currency: str = ""
    fee_minor: int = 0


UNKNOWN = Outcome(Status.UNKNOWN)


def done(request: Request, ref: str) -> Outcome:
    """Return the outcome of a request that succeeded with its full amount."""
    return Outcome(Status.SUCCEEDED, ref, amount_minor=request.amount_minor, currency=request.currency)


@dataclass(frozen=True, slots=True)
class Card:
    """A card as the platform stores it: a token, and what a receipt may show.

    `fingerprint` is the gateway's name of the card's number, the same whoever adds it; empty where it gives none, and for a test card that
    everybody uses.
    """

    token: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class CardCheck:
    """A question to the bank of a card whether its owner is there; `url` is the bank's page while it is open, else empty."""

    ref: str
    state: CheckState
    url: str = ""


@dataclass(frozen=True, slots=True)
class Setup:
    """A visit to the gateway's card page: the page's address, and the card once the person has entered one.

    `declined` has the gateway's name of each card declined there, as in the gateway's events; empty for a gateway that reports declined
    cards only by events.
    """

    ref: str
    url: str
    card: Card | None = None
    declined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BankAccount:
    """A bank account that may be debited, as the platform stores it: a token, the bank and the last digits of the number.

    `mandate` is the reference of its owner's permission, `scheme` the system that debits it, e.g. `sepa_debit`.
    """

    token: str
    bank: str
    last4: str
    mandate: str
    scheme: str


@dataclass(frozen=True, slots=True)
class MandateSetup:
    """A visit to the gateway's page for bank accounts: the page's address, and the account once the person gave permission to debit it."""

    ref: str
    url: str
    account: BankAccount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A refund or a payout as the gateway itself reports it; amounts in minor units.

    `key` is our idempotency key, empty if the movement was not made by us. Status `unknown` or `under_way`: the gateway has begun and not
    finished.
    """

    ref: str
    key: str
    reference: str
    amount_minor: int
    currency: str
    status: Status
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedCharge(Reported):
    """A charge as the gateway itself reports it, with the amounts refunded and currently withdrawn for disputes.

    `fee_minor` is the sum of fees taken for later turns of the charge, in its currency.
    """

    refunded_minor: int
    withdrawn_minor: int = 0
    fee_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedDispute:
    """A dispute as the gateway reports it: the cardholder's bank has taken a charge back for now, and decides who keeps the money.

    `key` is our charge's key, empty if the charge is not ours.
    `withdrawn_minor` is the amount that the gateway holds back now. `fee_minor` is the fees for the dispute, less those given back, in
    `fee_currency` if that differs from the charge's currency.
    """

    ref: str
    key: str
    amount_minor: int
    currency: str
    reason: str
    status: Verdict
    withdrawn_minor: int = 0
    fee_minor: int = 0
    fee_currency: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A verified event of a gateway: the object that it is about, and whether it reports a success. Amounts in it are never trusted.

    `declined` is the gateway's name of the card that was declined on the card page, as in `Setup.declined`; empty if it has none.
    """

    event_id: str
    kind: str
    reference: str
    about: Literal["charge", "refund", "payout", "dispute", "setup", "other"] = "other"
    key: str = ""
    good: bool = False
    declined: str = ""

    def __post_init__(self) -> None:
        """Refuse names that no gateway gives and that cannot be stored: over 120 characters, or not printable ASCII; Malformed."""
        for text in (self.event_id, self.kind, self.reference, self.key, self.declined):
            if len(text) > LONGEST_NAME or not (text.isascii() and text.isprintable()):
                raise Malformed("The event names what cannot be a name.", code="payments.event_unreadable")
        if not self.event_id:
            raise Malformed("The event has no id.", code="payments.event_unreadable")


@dataclass(frozen=True, slots=True)
class ReportedEvent:
    """An event in the gateway's own list of events, with the same id as in the event that it sends; `at` is when the gateway made it."""

    notice: Notice
    at: datetime


@dataclass(frozen=True, slots=True)
class EventPage:
    """A page of the gateway's own list of events, in any order; `page` names the next one, empty after the last."""

    events: tuple[ReportedEvent, ...]
    page: str = ""


LONGEST_NAME = 120
