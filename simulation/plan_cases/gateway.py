"""The gateway of the cases, inside this process: every charge succeeds, unless a step says how it fails."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import count

from core.errors import Malformed
from payments.gateways.base import (
    ALWAYS,
    AuthorizationRequest,
    Card,
    CardCheck,
    ChargeRequest,
    CheckState,
    EventPage,
    Gateway,
    Notice,
    Outcome,
    Payer,
    PayoutRequest,
    Period,
    RefundRequest,
    Reported,
    ReportedCharge,
    Setup,
    Status,
    done,
)

DECLINES = {"hard": "stolen_card", "funds": "insufficient_funds", "authentication": "authentication_required"}


class CaseGateway(Gateway):
    """Accepts every request and stores nothing; `decline` is the code with which charges fail, or empty."""

    def __init__(self) -> None:
        self.decline = ""
        self._numbers = count(1)

    def health(self) -> None:
        return None

    def keep_customer(self, payer: Payer) -> str:
        return ""

    def start_card_setup(self, payer: Payer, *, return_url: str, currency: str) -> Setup:
        return Setup(self._ref("setup"), return_url)

    def read_card_setup(self, ref: str) -> Setup:
        return Setup(ref, "")

    def start_card_check(self, token: str, *, return_url: str) -> CardCheck:
        return CardCheck(self._ref("check"), CheckState.CONFIRMED)

    def read_card_check(self, ref: str) -> CardCheck:
        return CardCheck(ref, CheckState.CONFIRMED)

    def add_card(self, payer: Payer, number: str) -> Card:
        return Card(f"{payer.reference}-{self._ref('card')}", "visa", number[-4:], 12, 2099)

    def remove_card(self, token: str) -> None:
        """Do nothing: no card is stored."""

    def authorize(self, request: AuthorizationRequest) -> Outcome:
        return done(request, self._ref("hold"))

    def find_authorization(self, request: AuthorizationRequest) -> Outcome | None:
        return None

    def release(self, ref: str) -> Outcome:
        return Outcome(Status.SUCCEEDED, ref)

    def charge(self, request: ChargeRequest) -> Outcome:
        return Outcome(Status.FAILED, failure=self.decline) if self.decline else done(request, self._ref("charge"))

    def find_charge(self, request: ChargeRequest) -> Outcome | None:
        return None

    def refund(self, request: RefundRequest) -> Outcome:
        return done(request, self._ref("refund"))

    def find_refund(self, request: RefundRequest) -> Outcome | None:
        return None

    def pay_out(self, request: PayoutRequest) -> Outcome:
        return done(request, self._ref("payout"))

    def find_payout(self, request: PayoutRequest) -> Outcome | None:
        return None

    def find_dispute(self, ref: str) -> None:
        return None

    def report_charges(self, *, reference: str = "", period: Period = ALWAYS) -> Iterator[ReportedCharge]:
        return iter(())

    def report_refunds(self, *, period: Period = ALWAYS) -> Iterator[Reported]:
        return iter(())

    def report_payouts(self, *, period: Period = ALWAYS) -> Iterator[Reported]:
        return iter(())

    def report_events(self, *, since: datetime, page: str = "") -> EventPage:
        return EventPage(())

    def verify_event(self, headers: Mapping[str, str], body: bytes) -> Notice:
        raise Malformed("This gateway sends no events.")

    def _ref(self, what: str) -> str:
        return f"{what}-{next(self._numbers)}"
