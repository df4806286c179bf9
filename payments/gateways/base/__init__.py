"""The contract of a gateway: what the platform asks and what the answers mean.

Every request carries its idempotency key: requests with the same key make one movement, however often they are sent. A gateway
never touches the database and may be called from many threads at once. A request without an answer (time-out, closed connection, 5xx) is
`unknown`, never `failed`.
"""

from payments.gateways.base.answers import (
    AUTHENTICATION,
    LONGEST_NAME,
    TOO_SMALL,
    UNKNOWN,
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
    ReportedEvent,
    Setup,
    Status,
    Verdict,
    done,
)
from payments.gateways.base.contract import Cards, Disputes, Events, Gateway, Payouts, Pulls, Reports, Takings, require_secret
from payments.gateways.base.requests import (
    ALWAYS,
    AuthorizationRequest,
    ChargeRequest,
    Payer,
    PayoutRequest,
    Period,
    RefundRequest,
    Request,
    Speaker,
)
from payments.states import CheckState

__all__ = [
    "ALWAYS",
    "AUTHENTICATION",
    "LONGEST_NAME",
    "TOO_SMALL",
    "UNKNOWN",
    "AuthorizationRequest",
    "BankAccount",
    "Card",
    "CardCheck",
    "Cards",
    "ChargeRequest",
    "CheckState",
    "Disputes",
    "EventPage",
    "Events",
    "Gateway",
    "MandateSetup",
    "Notice",
    "Outcome",
    "Payer",
    "PayoutRequest",
    "Payouts",
    "Period",
    "Pulls",
    "RefundRequest",
    "Reported",
    "ReportedCharge",
    "ReportedDispute",
    "ReportedEvent",
    "Reports",
    "Request",
    "Setup",
    "Speaker",
    "Status",
    "Takings",
    "Verdict",
    "done",
    "require_secret",
]
