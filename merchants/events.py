"""What happens to merchants; ids are public ids."""

from dataclasses import dataclass
from typing import ClassVar

from core.outbox import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementMade(Event):
    """A day's statement is there, with a payout where something was owed."""

    NAME: ClassVar[str] = "merchants.settlement_made"
    settlement: str
    merchant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutBounced(Event):
    """A shop's bank did not take a payout, or gave it back: it is owed again, and paid when the shop's account is mended."""

    NAME: ClassVar[str] = "merchants.payout_bounced"
    settlement: str
    merchant: str
    payout: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberInvited(Event):
    """Somebody is invited to a team; the invitation knows who."""

    NAME: ClassVar[str] = "merchants.member_invited"
    merchant: str
    invitation: str
