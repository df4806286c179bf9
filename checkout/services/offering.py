"""Plans that the operators' rules leave out of a checkout's offer."""

from datetime import datetime
from typing import Any

from accounts.models import Consumer
from checkout.models import Checkout
from checkout.ruling import OFFERS, place_of, purchase_facts
from controls.rule_kinds import kept_rule
from controls.services import ask_rules
from core.money import Money
from credit.models import Decision


def leave_out_plans(checkout: Checkout, consumer: Consumer, decision: Decision, at: datetime) -> dict[str, Any]:
    """Evaluate the rules that leave plans out of an approved person's offer, and save the result, in the caller's transaction.

    Return the first rule that leaves out each plan, by product code (`Checkout.withheld`).
    """
    asked = ask_rules(
        kind=OFFERS,
        subject=checkout.public_id,
        facts=purchase_facts(checkout, consumer, decision, at),
        place=place_of(checkout, consumer, at),
        amount=Money(checkout.amount_minor, checkout.currency),
        at=at,
    )
    left_out: dict[str, Any] = {}
    for finding in asked.findings:
        left_out.setdefault(finding.then.value, kept_rule(finding, asked.version, OFFERS))
    return left_out
