"""The demo's rules about orders, offers and fees of people, agreed by two people; an order that is held; a draft."""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from accounts.queries import operators
from checkout.offers import OFFERS
from checkout.offers import SUGGESTED as OFFERS_SUGGESTED
from checkout.ruling import ORDERS
from checkout.suggested import SUGGESTED
from controls import services
from merchants.models import Merchant
from plans.fee_rules import PERSON_FEES
from plans.fee_rules import SUGGESTED as FEES_SUGGESTED
from simulation import shopper
from simulation.lives import GOOD_CARD

WRITER, CHECKER = "rita@kvart.example", "oscar@kvart.example"
PHONES: dict[str, Any] = {"name": "Phone Nord 12", "quantity": 4, "unit_amount": 14_900, "amount": 59_600, "category": "phones"}
BUYER = "kim+approve@people.example"


def make_rules(*, at: datetime) -> None:
    """Let one operator write rules about orders, offers and the fees of people, and another approve them."""
    orders = {"rules": SUGGESTED["rules"][:2], "examples": SUGGESTED["examples"]}
    _agree(ORDERS, orders, "The first rules: what is bought to be sold again, and large first orders.", at)
    _agree(OFFERS, OFFERS_SUGGESTED, "Large purchases of people who have not paid with us yet.", at)
    _agree(PERSON_FEES, FEES_SUGGESTED, "Who has paid well pays no first fee.", at)


def _agree(kind: str, content: dict[str, Any], reason: str, at: datetime) -> None:
    """Let one operator write and propose rules, and another approve them."""
    writer, checker = _operator(WRITER), _operator(CHECKER)
    number = _draft(writer, kind, content, at)
    proposal = services.propose_rules(kind=kind, number=number, reason=reason, starts_on=None, user=writer, at=at)
    services.approve_proposal(proposal_id=proposal, user=checker, at=at + timedelta(hours=2))


def start_next(*, at: datetime) -> None:
    """Let the operator begin another version, which nobody has proposed yet."""
    _draft(_operator(WRITER), ORDERS, SUGGESTED, at)


def _draft(user: User, kind: str, content: dict[str, Any], at: datetime) -> int:
    made = services.start_draft(kind=kind, user=user, at=at)
    services.change_draft(kind=kind, number=made.number, revision=made.revision, content=content, user=user, at=at)
    return made.number


def _operator(email: str) -> User:
    return operators().get(email=email)


def let_a_rule_hold(merchant: Merchant, *, at: datetime) -> str:
    """Let somebody buy four phones at once; return the outcome of the checkout."""
    return shopper.buy(merchant=merchant, email=BUYER, reference="NL-PHONES", items=[PHONES], card=GOOD_CARD, at=at).outcome
