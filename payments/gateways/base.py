"""The contract of a gateway: what the platform asks and what the answers mean.

Every request carries its key; the same key is the same movement however often it is asked. A gateway never touches the database
and may be called from many threads at once. What gives no answer (time-out, closed connection, 5xx) is `unknown`, never `failed`.
"""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.conf import settings

from core.errors import Malformed, Unauthenticated
from core.ids import public_id, uuid7

Status = Literal["succeeded", "failed", "unknown"]
AUTHENTICATION = "authentication_required"
"""The failure of a charge that its person has to confirm, at `action_url` where the gateway has a page for it."""

TOO_SMALL = "amount_too_small"
"""The failure of a charge below what the gateway takes; the payment method is not to blame."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a gateway answered: its own reference, the decline code where it refused, and how much it says to have moved.

    A success counts only with the very amount and currency that were asked for. `fee_minor` is what the gateway took so far for what
    became of a charge afterwards, in the charge's currency.
    """

    status: Status
    ref: str = ""
    failure: str = ""
    action_url: str = ""
    amount_minor: int | None = None
    currency: str = ""
    fee_minor: int = 0


UNKNOWN = Outcome("unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """Hold an amount on a card."""

    id: uuid.UUID = field(default_factory=uuid7)
    gateway: str
    token: str
    payment_method_id: uuid.UUID
    reference: str
    amount_minor: int
    currency: str

    @property
    def key(self) -> str:
        """The key under which the gateway knows it."""
        return public_id("aut", self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRequest:
    """Take an amount from a payment method, from a hold on it where there is one."""

    id: uuid.UUID = field(default_factory=uuid7)
    gateway: str
    token: str
    payment_method_id: uuid.UUID
    reference: str
    amount_minor: int
    currency: str
    authorization_id: uuid.UUID | None = None
    authorization_ref: str = ""
    actor: str = ""

    @property
    def key(self) -> str:
        """The key under which the gateway knows it."""
        return public_id("chg", self.id)

    @property
    def on_session(self) -> bool:
        """Whether its person is present and may confirm it."""
        return bool(self.actor)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """Give an amount of a charge back to its payment method, or to another one of its person (`token`)."""

    id: uuid.UUID = field(default_factory=uuid7)
    gateway: str
    charge_id: uuid.UUID
    charge_ref: str
    reference: str
    amount_minor: int
    currency: str
    payment_method_id: uuid.UUID | None = None
    token: str = ""

    @property
    def key(self) -> str:
        """The key under which the gateway knows it."""
        return public_id("rfd", self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutRequest:
    """Send an amount to a bank account."""

    id: uuid.UUID = field(default_factory=uuid7)
    gateway: str
    destination: str
    reference: str
    owner: str
    amount_minor: int
    currency: str

    @property
    def key(self) -> str:
        """The key under which the gateway knows it."""
        return public_id("pay", self.id)


Request = AuthorizationRequest | ChargeRequest | RefundRequest | PayoutRequest


def done(request: Request, ref: str) -> Outcome:
    """Return the success of a request, with all that it asked for moved."""
    return Outcome("succeeded", ref, amount_minor=request.amount_minor, currency=request.currency)


@dataclass(frozen=True, slots=True)
class Card:
    """A card as the platform may know it: a token and what is printed on a receipt."""

    token: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Whose card it is, as the gateway is told, and as which customer it knows them; empty where it does not yet."""

    reference: str
    email: str
    customer: str = ""


@dataclass(frozen=True, slots=True)
class Setup:
    """A visit to the gateway's card page: where it is, and the card once it was given.

    `declined` names each card that was declined there, as the events about them do; empty where a gateway tells it by its events only.
    """

    ref: str
    url: str
    card: Card | None = None
    declined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A refund or a payout as the gateway itself reports it; amounts in minor units.

    `key` is ours, and empty where the gateway did it without us. `unknown` is what the gateway has begun and not done yet.
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
    """A charge as the gateway itself reports it, with what of it went back and what is withdrawn for disputes at the moment.

    `fee_minor` is what was taken besides for what became of it, in the charge's currency.
    """

    refunded_minor: int
    withdrawn_minor: int = 0
    fee_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedDispute:
    """What a gateway says of a dispute: the cardholder's bank has taken a charge back for a while, and decides whose it is.

    `key` is that of our charge, empty where it is none of ours. `won` is what stays with us, `lost` what the cardholder keeps.
    `withdrawn_minor` is what the gateway holds back for it now, `fee_minor` what it has taken for it besides and not given back, in
    `fee_currency` where that is another one than the charge's.
    """

    ref: str
    key: str
    amount_minor: int
    currency: str
    reason: str
    status: Literal["open", "won", "lost"]
    withdrawn_minor: int = 0
    fee_minor: int = 0
    fee_currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The time of a report, from `since` up to but without `until`; None is without an end."""

    since: datetime | None = None
    until: datetime | None = None


ALWAYS = Period()


@dataclass(frozen=True, slots=True)
class Notice:
    """A verified event of a gateway: what it is about and whether it says that it went well. Amounts in it are never believed.

    `declined` names the card that was declined on the card page, as reading the visit does; empty where the gateway has no name for it.
    """

    event_id: str
    kind: str
    reference: str
    about: Literal["charge", "refund", "payout", "dispute", "setup", "other"] = "other"
    key: str = ""
    good: bool = False
    declined: str = ""

    def __post_init__(self) -> None:
        """Refuse names that no gateway gives and that could not be kept: long ones, and any but visible ASCII."""
        for text in (self.event_id, self.kind, self.reference, self.key, self.declined):
            if len(text) > LONGEST_NAME or not (text.isascii() and text.isprintable()):
                raise Malformed("The event names what cannot be a name.", code="payments.event_unreadable")
        if not self.event_id:
            raise Malformed("The event has no id.", code="payments.event_unreadable")


LONGEST_NAME = 120


def require_secret(secret: str) -> str:
    """Return the secret that signs a gateway's events; Unauthenticated where there is none, or, in live, where it is a published one."""
    if not secret or (not settings.SANDBOX and secret in settings.PUBLISHED_SECRETS):
        raise Unauthenticated("No event can be taken: its gateway has no secret of its own here.", code="payments.signature_invalid")
    return secret


class Events(ABC):
    """A company that leaves signed events at our door."""

    @abstractmethod
    def verify_event(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Return what a signed event says; Unauthenticated where the signature is wrong or old, Malformed where it is no event."""


class Cards(Events):
    """A company that keeps cards, holds amounts on them, charges them and gives back."""

    @abstractmethod
    def keep_customer(self, payer: Payer) -> str:
        """Return the gateway's one customer for a person: found or made where `payer` has none, told of the e-mail address where it has.

        Empty where the gateway has no customers. GatewayUnavailable.
        """

    @abstractmethod
    def start_card_setup(self, payer: Payer, *, return_url: str, currency: str) -> Setup:
        """Open a card page. GatewayUnavailable."""

    @abstractmethod
    def read_card_setup(self, ref: str) -> Setup:
        """Ask what became of a visit to the card page. GatewayUnavailable."""

    @abstractmethod
    def add_card(self, payer: Payer, number: str) -> Card:
        """Keep a test card without a page; MethodNotUsable where the gateway cannot. CardRefused, GatewayUnavailable."""

    @abstractmethod
    def remove_card(self, token: str) -> None:
        """Forget a card; what does not answer is left."""

    refunds_elsewhere = False
    """Whether a charge can be given back to another card than the one it was taken from."""

    def smallest(self, currency: str) -> int:
        """Return the smallest amount that can be held or charged in a currency, in minor units."""
        return 1

    @abstractmethod
    def authorize(self, request: AuthorizationRequest) -> Outcome:
        """Hold an amount."""

    @abstractmethod
    def find_authorization(self, request: AuthorizationRequest) -> Outcome | None:
        """Look a hold up by its key; None where the gateway never heard of it."""

    @abstractmethod
    def release(self, ref: str) -> Outcome:
        """Let go of what is left of a hold; again, or where nothing is left, is a success."""

    @abstractmethod
    def charge(self, request: ChargeRequest) -> Outcome:
        """Take an amount; where the hold is gone or too small, take it without."""

    @abstractmethod
    def find_charge(self, request: ChargeRequest) -> Outcome | None:
        """Look a charge up by its key; None where the gateway never heard of it."""

    @abstractmethod
    def refund(self, request: RefundRequest) -> Outcome:
        """Give an amount back."""

    @abstractmethod
    def find_refund(self, request: RefundRequest) -> Outcome | None:
        """Look a refund up by its key; None where the gateway never heard of it."""


class Payouts(Events):
    """A company that sends money to shops' bank accounts."""

    @abstractmethod
    def pay_out(self, request: PayoutRequest) -> Outcome:
        """Send an amount to a bank account."""

    @abstractmethod
    def find_payout(self, request: PayoutRequest) -> Outcome | None:
        """Look a payout up by its key; None where the gateway never heard of it."""


class Disputes(Events):
    """A company that tells what cardholders dispute at their banks."""

    @abstractmethod
    def find_dispute(self, ref: str) -> ReportedDispute | None:
        """Look a dispute up by the gateway's own reference; None where there is none. GatewayUnavailable."""


class Reports(ABC):
    """A company that reports what it moved, also without us."""

    @abstractmethod
    def report_charges(self, *, reference: str = "", period: Period = ALWAYS) -> Iterator[ReportedCharge]:
        """Yield the gateway's own report of charges in a period, all or those of a reference, in any order, a page at a time.

        GatewayUnavailable.
        """

    @abstractmethod
    def report_refunds(self, *, period: Period = ALWAYS) -> Iterator[Reported]:
        """Yield the gateway's own report of refunds, also of those that it made without us. GatewayUnavailable."""

    @abstractmethod
    def report_payouts(self, *, period: Period = ALWAYS) -> Iterator[Reported]:
        """Yield the gateway's own report of payouts. GatewayUnavailable."""


class Gateway(Cards, Payouts, Disputes, Reports):
    """A company that does all of it."""

    @abstractmethod
    def health(self) -> None:
        """Ask for something that changes nothing; GatewayUnavailable, CardRefused or another error where it does not work."""
