"""The contract of a gateway: one class for each capability."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import datetime

from django.conf import settings

from core.errors import Unauthenticated
from payments.gateways.base.answers import (
    BankAccount,
    Card,
    CardCheck,
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
    """Return the secret that signs a gateway's events; Unauthenticated if it is empty, or is a published one where those are refused."""
    if not secret or secret in settings.PUBLISHED_SECRETS:
        raise Unauthenticated("No event can be taken: its gateway has no secret of its own here.", code="payments.signature_invalid")
    return secret


class Events(ABC):
    """A company that sends us signed events."""

    @abstractmethod
    def verify_event(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Return the contents of a signed event; Unauthenticated for a wrong or old signature, Malformed for a body that is no event."""


class Takings(Events):
    """A company that takes money from people, by cards, by bank debits or by both, and refunds it."""

    @abstractmethod
    def keep_customer(self, payer: Payer) -> str:
        """Return the gateway's only customer for a person: found or created if `payer` has none, otherwise updated with the e-mail address.

        Empty for a gateway without customers. GatewayUnavailable.
        """

    refunds_elsewhere = False
    """Whether a charge can be refunded to a card other than the charged one."""

    def smallest(self, currency: str) -> int:
        """Return the smallest amount that can be held, charged or pulled in a currency, in minor units."""
        return 1

    @abstractmethod
    def refund(self, request: RefundRequest) -> Outcome:
        """Refund an amount."""

    @abstractmethod
    def find_refund(self, request: RefundRequest) -> Outcome | None:
        """Look up a refund by its key; None if the gateway does not know it."""


class Cards(Takings):
    """A company that stores cards, holds amounts on them, charges and refunds them."""

    @abstractmethod
    def start_card_setup(self, payer: Payer, *, return_url: str, currency: str) -> Setup:
        """Open a card page. GatewayUnavailable."""

    @abstractmethod
    def read_card_setup(self, ref: str) -> Setup:
        """Read the state of a visit to the card page. GatewayUnavailable."""

    @abstractmethod
    def start_card_check(self, token: str, *, return_url: str) -> CardCheck:
        """Let the bank of a stored card confirm that its owner is there (3-D Secure), although it did not ask; nothing is charged.

        The bank may confirm or refuse at once. From its page the person comes to `return_url`. CardRefused, GatewayUnavailable.
        """

    @abstractmethod
    def read_card_check(self, ref: str) -> CardCheck:
        """Return what the bank says now; a page that nobody answers stays open until the gateway ends it. GatewayUnavailable."""

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
        """Look up a hold by its key; None if the gateway does not know it."""

    @abstractmethod
    def release(self, ref: str) -> Outcome:
        """Release the rest of a hold; releasing it again, or releasing an empty hold, succeeds too."""

    @abstractmethod
    def charge(self, request: ChargeRequest) -> Outcome:
        """Charge an amount from the hold, or without the hold if that is gone or too small."""

    @abstractmethod
    def find_charge(self, request: ChargeRequest) -> Outcome | None:
        """Look up a charge by its key; None if the gateway does not know it."""


class Pulls(Takings):
    """A company that debits bank accounts with their owners' permission (a mandate), and refunds such debits.

    A pull may be `under_way` for days before it succeeds or fails: then the gateway sends an event, and a look-up gives the result too. A
    bank may also return a pull after its success.
    """

    @abstractmethod
    def start_mandate(self, payer: Payer, *, return_url: str, currency: str) -> MandateSetup:
        """Open a page on which the person names a bank account and permits debits from it. GatewayUnavailable."""

    @abstractmethod
    def read_mandate(self, ref: str) -> MandateSetup:
        """Read the state of a visit to that page. GatewayUnavailable."""

    @abstractmethod
    def add_account(self, payer: Payer, number: str, *, currency: str) -> BankAccount:
        """Store a test account with a mandate, without a page; MethodNotUsable for a gateway that cannot. Invalid, GatewayUnavailable."""

    @abstractmethod
    def remove_account(self, token: str) -> None:
        """End the mandate of a bank account for good; safe to repeat. A debit under way is not affected. GatewayUnavailable."""

    @abstractmethod
    def pull(self, request: ChargeRequest) -> Outcome:
        """Debit an amount; usually `under_way` at first."""

    @abstractmethod
    def find_pull(self, request: ChargeRequest) -> Outcome | None:
        """Look up a pull by its key; None if the gateway does not know it."""


class Payouts(Events):
    """A company that sends money to shops' bank accounts."""

    @abstractmethod
    def pay_out(self, request: PayoutRequest) -> Outcome:
        """Send an amount to a bank account."""

    @abstractmethod
    def find_payout(self, request: PayoutRequest) -> Outcome | None:
        """Look up a payout by its key; None if the gateway does not know it."""


class Disputes(Events):
    """A company that reports which charges cardholders dispute at their banks."""

    @abstractmethod
    def find_dispute(self, ref: str) -> ReportedDispute | None:
        """Look up a dispute by the gateway's own reference; None if there is none. GatewayUnavailable."""


class Reports(ABC):
    """A company that reports all its movements, including those that we did not request."""

    @abstractmethod
    def report_charges(self, *, reference: str = "", period: Period = ALWAYS) -> Iterator[ReportedCharge]:
        """Yield the gateway's report of charges in a period, for one reference or for all, in any order; read page by page.

        GatewayUnavailable.
        """

    @abstractmethod
    def report_refunds(self, *, period: Period = ALWAYS) -> Iterator[Reported]:
        """Yield the gateway's report of refunds, including those that it made without us. GatewayUnavailable."""

    @abstractmethod
    def report_payouts(self, *, period: Period = ALWAYS) -> Iterator[Reported]:
        """Yield the gateway's report of payouts. GatewayUnavailable."""

    @abstractmethod
    def report_events(self, *, since: datetime, page: str = "") -> EventPage:
        """Return a page of the gateway's own list of its events since a moment, including events that never arrived here.

        If the gateway no longer knows `page`, the list starts again from the beginning. GatewayUnavailable.
        """


class Gateway(Cards, Payouts, Disputes, Reports):
    """A company with cards that also pays shops and reports what it did."""

    @abstractmethod
    def health(self) -> None:
        """Send a read-only request to see that the gateway works; GatewayUnavailable, CardRefused or another error if it does not."""
