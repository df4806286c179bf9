"""The demo's rules: two that hold orders, agreed by two people before the first purchase; an order held by one of them; a draft."""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from accounts.queries import operators
from checkout.ruling import HOLD, ORDERS
from controls import services
from merchants.models import Merchant
from simulation import shopper
from simulation.lives import GOOD_CARD

WRITER, CHECKER = "rita@kvart.example", "oscar@kvart.example"
MANY: dict[str, Any] = {
    "id": "many-of-one-thing",
    "name": "Many of one thing",
    "priority": 10,
    "when": "most_pieces >= 4",
    "then": {"outcome": HOLD, "reason": "resold"},
}
LARGE: dict[str, Any] = {
    "id": "large-first-order",
    "name": "Large order of a new customer",
    "priority": 20,
    "scope": {"market": "US"},
    "when": "amount > 500.0 && customer_days < 2",
    "then": {"outcome": HOLD, "reason": "new_customer"},
}
THIN: dict[str, Any] = {
    "id": "little-known",
    "name": "Little known, and much of the limit used",
    "priority": 30,
    "when": "thin_file && used > 0.5",
    "then": {"outcome": HOLD, "reason": "unusual"},
}
EXAMPLES: list[dict[str, Any]] = [
    {"name": "Six phones", "facts": {"most_pieces": 6}, "expects": [HOLD]},
    {"name": "One lamp", "facts": {"most_pieces": 1, "amount": 8_900, "customer_days": 40}, "place": {"market": "US"}, "expects": []},
]
PHONES: dict[str, Any] = {"name": "Phone Nord 12", "quantity": 4, "unit_amount": 14_900, "amount": 59_600, "category": "phones"}
BUYER = "kim+approve@people.example"


def make_rules(*, at: datetime) -> None:
    """Let one operator write two rules, and another approve them."""
    writer, checker = _operator(WRITER), _operator(CHECKER)
    number = _draft(writer, [MANY, LARGE], at)
    reason = "The first rules: what is bought to be sold again, and large first orders."
    proposal = services.propose_rules(kind=ORDERS, number=number, reason=reason, starts_on=None, user=writer, at=at)
    services.approve_proposal(proposal_id=proposal, user=checker, at=at + timedelta(hours=2))


def start_next(*, at: datetime) -> None:
    """Let the operator begin another version, which nobody has proposed yet."""
    _draft(_operator(WRITER), [MANY, LARGE, THIN], at)


def _draft(user: User, rules: list[dict[str, Any]], at: datetime) -> int:
    made = services.start_draft(kind=ORDERS, user=user, at=at)
    content = {"rules": rules, "examples": EXAMPLES}
    services.change_draft(kind=ORDERS, number=made.number, revision=made.revision, content=content, user=user, at=at)
    return made.number


def _operator(email: str) -> User:
    return operators().get(email=email)


def let_a_rule_hold(merchant: Merchant, *, at: datetime) -> str:
    """Let somebody buy four phones at once; return the outcome of the checkout."""
    return shopper.buy(merchant=merchant, email=BUYER, reference="NL-PHONES", items=[PHONES], card=GOOD_CARD, at=at).outcome
