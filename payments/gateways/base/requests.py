"""What the platform asks of a gateway. Every request carries its idempotency key."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from core.ids import public_id, uuid7


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """The brand that a payment is made to: its code, its name on statements of cards and accounts, and the address of its pages.

    `is_first` marks the installation's first brand, whose name an account with a gateway has anyway.
    """

    brand: str = ""
    statement: str = ""
    home: str = ""
    is_first: bool = True


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
    speaker: Speaker = Speaker()

    @property
    def key(self) -> str:
        """The idempotency key of the request."""
        return public_id("aut", self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRequest:
    """Charge an amount to a payment method, out of a hold on it if there is one; `kind` is the method's kind, e.g. `card`."""

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
    kind: str = "card"
    speaker: Speaker = Speaker()

    @property
    def key(self) -> str:
        """The idempotency key of the request."""
        return public_id("chg", self.id)

    @property
    def is_pull(self) -> bool:
        """Whether a bank account is debited."""
        return self.kind == "bank_debit"

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
        """The idempotency key of the request."""
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
        """The idempotency key of the request."""
        return public_id("pay", self.id)


Request = AuthorizationRequest | ChargeRequest | RefundRequest | PayoutRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """The owner of a card or a bank account: our reference and e-mail address for them, and the gateway's `customer`, empty at first.

    `brand` is the name of their brand, for pages that say who is paid; `language` is the language of the page they come from.
    """

    reference: str
    email: str
    customer: str = ""
    brand: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The time span of a report, from `since` (included) to `until` (excluded); None means no bound."""

    since: datetime | None = None
    until: datetime | None = None


ALWAYS = Period()
