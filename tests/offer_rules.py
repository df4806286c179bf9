"""Rules about offers in force, for tests that need one."""

from typing import Any

from accounts.models import User
from controls import services
from tests.operators import make_operator
from tests.shops import AT

KIND = "offers"


def offer_rule(outcome: str, value: Any = None, *, when: str = "pieces > 0", key: str = "", market: str = "") -> dict[str, Any]:
    """Return a rule about offers; `value` is that of its outcome."""
    then = {"outcome": outcome, "reason": "risk"} | ({} if value is None else {"value": value})
    name = key or f"{outcome} {value or ''}".strip()
    return {"id": name, "name": name, "when": when, "then": then} | ({"scope": {"market": market}} if market else {})


def _operator(email: str) -> User:
    return User.objects.filter(email=email).first() or make_operator(email, may=["propose_rules", "approve_rules"])


def rule_offers(*rules: dict[str, Any]) -> None:
    """Put rules about offers in force, by two people."""
    rita, paul = (_operator(f"{name}.offers@kvart.example") for name in ("rita", "paul"))
    made = services.start_draft(kind=KIND, user=rita, at=AT)
    services.change_draft(kind=KIND, number=made.number, revision=0, content={"rules": list(rules), "examples": []}, user=rita, at=AT)
    proposal = services.propose_rules(kind=KIND, number=made.number, reason="New", starts_on=None, user=rita, at=AT)
    services.approve_proposal(proposal_id=proposal, user=paul, at=AT)
