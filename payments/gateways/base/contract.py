"""The contract of a gateway: one class for each capability."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import datetime

from django.conf import settings

from core.errors import Unauthenticated
from payments.gateways.base.answers import (
    BankAccount,
    Card,
    EventPage,
    MandateSetup,
    Notice,
    Outcome,
    Reported,
    ReportedCharge,
    ReportedDispute,
    Setup,
)
from payments.gateways.base.requests import ALWAYS, AuthorizationRequest, ChargeRequest, Payer, PayoutRequest, Period, RefundRequest


def require_secret(secret: str) -> str:
    """Return the secret that signs a gateway's events; Unauthenticated for none, or for a published one where those are refused."""
    if not secret or secret in settings.PUBLISHED_SECRETS:
        raise Unauthenticated("No event can be taken: its gateway has no secret of its own here.", code="payments.signature_invalid")
    return secret


class Events(ABC):
    """A company that sends us signed events."""

    @abstractmethod
    def verify_event(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Return what a signed event says; Unauthenticated for a wrong or old signature, Malformed for a body that is no event."""


class Takings(Events):
    """A company that takes money from people, by cards, by bank debits or by both, and gives it back."""

    @abstractmethod
    def keep_customer(self, payer: Payer) -> str:
        """Return the gateway's one customer for a person: found or created if `payer` has none, else updated with the e-mail address.

        Empty for a gateway without customers. GatewayUnavailable.
        """

    refunds_elsewhere = False
    """Whether a charge of a card can be refunded to another card than the charged one."""

    def smallest(self, currency: str) -> int:
        """Return the smallest amount that can be held, charged or pulled in a currency, in minor units."""
        return 1

    @abstractmethod
    def refund(self, request: RefundRequest) -> Outcome:
        """Give an amount back."""

    @abstractmethod
    def find_refund(self, request: RefundRequest) -> Outcome | None:
        """Look a refund up by its key; None where the gateway never heard of it."""


class Cards(Takings):
    """A company that stores cards, holds amounts on them, charges and refunds them."""

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


class Pulls(Takings):
    """A company that debits bank accounts whose owners permitted it (a mandate), and refunds that.

    A pull may be `under_way` for days before it succeeds or fails: then the gateway sends an event, and answers a look-up with the end.
    A bank may give a pull back after its success.
    """

    @abstractmethod
    def start_mandate(self, payer: Payer, *, return_url: str, currency: str) -> MandateSetup:
        """Open a page on which the person names a bank account and permits its debit. GatewayUnavailable."""

    @abstractmethod
    def read_mandate(self, ref: str) -> MandateSetup:
        """Read the state of a visit to that page. GatewayUnavailable."""

    @abstractmethod
    def add_account(self, payer: Payer, number: str, *, currency: str) -> BankAccount:
        """Store a test account with a mandate, without a page; MethodNotUsable for a gateway that cannot. Invalid, GatewayUnavailable."""

    @abstractmethod
    def remove_account(self, token: str) -> None:
        """End the mandate of a bank account for good, also a second time; a debit on its way ends as it would. GatewayUnavailable."""

    @abstractmethod
    def pull(self, request: ChargeRequest) -> Outcome:
        """Debit an amount; mostly `under_way` at first."""

    @abstractmethod
    def find_pull(self, request: ChargeRequest) -> Outcome | None:
        """Look a pull up by its key; None where the gateway never heard of it."""


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

    @abstractmethod
    def report_events(self, *, since: datetime, page: str = "") -> EventPage:
        """Return a page of the gateway's own list of the events that it made from a moment on, also of those that never arrived here.

        A page that the gateway does not know any more begins from the start. GatewayUnavailable.
        """


class Gateway(Cards, Payouts, Disputes, Reports):
    """A company of cards that also pays shops and reports what it did."""

    @abstractmethod
    def health(self) -> None:
        """Send a read-only request to see that the gateway works; GatewayUnavailable, CardRefused or another error if it does not."""
