"""The contract of a gateway: what the platform asks and what the answers mean.

Every request carries its idempotency key: requests with the same key make one movement, however often they are sent. A gateway
never touches the database and may be called from many threads at once. A request without an answer (time-out, closed connection, 5xx) is
`unknown`, never `failed`.
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
"""The failure of a charge that the person has to confirm at their bank; `action_url` is the gateway's page for that, if it has one."""

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
    """Charge an amount to a payment method, out of a hold on it if there is one."""

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
        """Whether the person is present and can confirm the charge."""
        return bool(self.actor)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """Refund part or all of a charge to its payment method, or to another method of the same person (`token`)."""

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
    """Return the outcome of a request that succeeded with its full amount."""
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
    """The owner of a card: our reference and e-mail address for them, and the gateway's `customer`; empty before the gateway has one."""

    reference: str
    email: str
    customer: str = ""


@dataclass(frozen=True, slots=True)
class Setup:
    """A visit to the gateway's card page: the page's address, and the card once the person entered one.

    `declined` has the gateway's name of each card that was declined there, the same as in the gateway's events; empty for a gateway that
    reports them by events only.
    """

    ref: str
    url: str
    card: Card | None = None
    declined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A refund or a payout as the gateway itself reports it; amounts in minor units.

    `key` is our idempotency key, empty if the movement was not made by us. Status `unknown`: the gateway has begun and not finished.
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

    `key` is our charge's key, empty if the charge is not ours. `won`: we keep the money; `lost`: the cardholder keeps it.
    `withdrawn_minor` is the amount that the gateway holds back now. `fee_minor` is the fees for the dispute, less those given back, in
    `fee_currency` if that differs from the charge's currency.
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
    """The time span of a report, from `since` (included) to `until` (excluded); None means no bound."""

    since: datetime | None = None
    until: datetime | None = None


ALWAYS = Period()


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


LONGEST_NAME = 120


def require_secret(secret: str) -> str:
    """Return the secret that signs a gateway's events; Unauthenticated for none, or for a published one in live."""
    if not secret or (not settings.SANDBOX and secret in settings.PUBLISHED_SECRETS):
        raise Unauthenticated("No event can be taken: its gateway has no secret of its own here.", code="payments.signature_invalid")
    return secret


class Events(ABC):
    """A company that sends us signed events."""

    @abstractmethod
    def verify_event(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Return what a signed event says; Unauthenticated for a wrong or old signature, Malformed for a body that is no event."""


class Cards(Events):
    """A company that stores cards, holds amounts on them, charges and refunds them."""

    @abstractmethod
    def keep_customer(self, payer: Payer) -> str:
        """Return the gateway's one customer for a person: found or created if `payer` has none, else updated with the e-mail address.

        Empty for a gateway without customers. GatewayUnavailable.
        """

    @abstractmethod
    def start_card_setup(self, payer: Payer, *, return_url: str, currency: str) -> Setup:
        """Open a card page. GatewayUnavailable."""

    @abstractmethod
    def read_card_setup(self, ref: str) -> Setup:
        """Read the state of a visit to the card page. GatewayUnavailable."""

    @abstractmethod
    def add_card(self, payer: Payer, number: str) -> Card:
        """Store a test card without a page; MethodNotUsable for a gateway that cannot. CardRefused, GatewayUnavailable."""

    @abstractmethod
    def remove_card(self, token: str) -> None:
        """Delete a card at the gateway; a missing answer is ignored."""

    refunds_elsewhere = False
    """Whether a charge can be refunded to another card than the charged one."""

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
        """Release the rest of a hold; a second release, or one of an empty hold, succeeds too."""

    @abstractmethod
    def charge(self, request: ChargeRequest) -> Outcome:
        """Charge an amount out of the hold, or without the hold if that is gone or too small."""

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
    """A company that reports which charges cardholders dispute at their banks."""

    @abstractmethod
    def find_dispute(self, ref: str) -> ReportedDispute | None:
        """Look a dispute up by the gateway's own reference; None where there is none. GatewayUnavailable."""


class Reports(ABC):
    """A company that reports all its movements, also those that we did not ask for."""

    @abstractmethod
    def report_charges(self, *, reference: str = "", period: Period = ALWAYS) -> Iterator[ReportedCharge]:
        """Yield the gateway's own report of charges in a period, of one reference or of all, in any order; reads a page at a time.

        GatewayUnavailable.
        """

    @abstractmethod
    def report_refunds(self, *, period: Period = ALWAYS) -> Iterator[Reported]:
        """Yield the gateway's own report of refunds, also of those that it made without us. GatewayUnavailable."""

    @abstractmethod
    def report_payouts(self, *, period: Period = ALWAYS) -> Iterator[Reported]:
        """Yield the gateway's own report of payouts. GatewayUnavailable."""


class Gateway(Cards, Payouts, Disputes, Reports):
    """A company with all of these capabilities."""

    @abstractmethod
    def health(self) -> None:
        """Send a read-only request to see that the gateway works; GatewayUnavailable, CardRefused or another error if it does not."""
