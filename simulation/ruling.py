"""The demo's rules: two that hold orders, agreed by two people before the first purchase; an order held by one of them; a draft."""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from accounts.queries import operators
from checkout.ruling import ORDERS
from checkout.suggested import SUGGESTED
from controls import services
from merchants.models import Merchant
from simulation import shopper
from simulation.lives import GOOD_CARD

WRITER, CHECKER = "rita@kvart.example", "oscar@kvart.example"
PHONES: dict[str, Any] = {"name": "Phone Nord 12", "quantity": 4, "unit_amount": 14_900, "amount": 59_600, "category": "phones"}
BUYER = "kim+approve@people.example"


def make_rules(*, at: datetime) -> None:
    """Let one operator write two rules, and another approve them."""
    writer, checker = _operator(WRITER), _operator(CHECKER)
    number = _draft(writer, SUGGESTED["rules"][:2], at)
    reason = "The first rules: what is bought to be sold again, and large first orders."
    proposal = services.propose_rules(kind=ORDERS, number=number, reason=reason, starts_on=None, user=writer, at=at)
    services.approve_proposal(proposal_id=proposal, user=checker, at=at + timedelta(hours=2))


def start_next(*, at: datetime) -> None:
    """Let the operator begin another version, which nobody has proposed yet."""
    _draft(_operator(WRITER), SUGGESTED["rules"], at)


def _draft(user: User, rules: list[dict[str, Any]], at: datetime) -> int:
    made = services.start_draft(kind=ORDERS, user=user, at=at)
    content = {"rules": rules, "examples": SUGGESTED["examples"]}
    services.change_draft(kind=ORDERS, number=made.number, revision=made.revision, content=content, user=user, at=at)
    return made.number


def _operator(email: str) -> User:
    return operators().get(email=email)


def let_a_rule_hold(merchant: Merchant, *, at: datetime) -> str:
    """Let somebody buy four phones at once; return the outcome of the checkout."""
    return shopper.buy(merchant=merchant, email=BUYER, reference="NL-PHONES", items=[PHONES], card=GOOD_CARD, at=at).outcome
