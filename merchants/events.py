"""Events of merchants; ids are public ids."""

from dataclasses import dataclass
from typing import ClassVar

from core.outbox import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementMade(Event):
    """A day's statement was made, with a payout if the balance was positive."""

    NAME: ClassVar[str] = "merchants.settlement_made"
    settlement: str
    merchant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutBounced(Event):
    """A shop's bank refused or returned a payout: the amount is owed again, and paid after the shop's bank account is corrected."""

    NAME: ClassVar[str] = "merchants.payout_bounced"
    settlement: str
    merchant: str
    payout: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutArrived(Event):
    """A payout reported as returned arrived after all; if it was paid again meanwhile, later statements withhold the amount."""

    NAME: ClassVar[str] = "merchants.payout_arrived"
    settlement: str
    merchant: str
    payout: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutRepaid(Event):
    """A payout that came back is paid, with the payout of a later statement (`paid_with`)."""

    NAME: ClassVar[str] = "merchants.payout_repaid"
    settlement: str
    merchant: str
    payout: str
    amount_minor: int
    currency: str
    paid_with: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberInvited(Event):
    """A person is invited to a team; the invitation has the person's data, and `language` is that of the page of who invites."""

    NAME: ClassVar[str] = "merchants.member_invited"
    merchant: str
    invitation: str
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantSuspended(Event):
    """A shop may not open checkouts, and is not paid, until it is reopened."""

    NAME: ClassVar[str] = "merchants.merchant_suspended"
    merchant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantReopened(Event):
    """A suspended shop may open checkouts again, and is paid."""

    NAME: ClassVar[str] = "merchants.merchant_reopened"
    merchant: str
