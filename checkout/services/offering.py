"""What rules change of a checkout's offer (plans left out or added, a deposit), and whether a counter-offer is made."""

from datetime import datetime
from typing import Any

from accounts.models import Consumer
from checkout.models import Checkout
from checkout.offers import DEPOSIT, NO_COUNTER, OFFER, OFFERS, WITHHOLD, offer_facts
from checkout.pricing import changes_price, law_against
from checkout.quoting import checkout_quotes, deposit_offered, least_charge
from checkout.ruling import place_of
from controls.rule_kinds import get_rule_kind, kept_rule
from controls.rules.sets import Then
from controls.services import ask_rules
from core.clock import local_date
from core.money import Money
from credit.models import Decision
from markets.queries import find_setting

COUNTER_OFFER = "credit.counter_offer"
"""The market's setting that says whether counter-offers are made."""


def rule_offer(checkout: Checkout, consumer: Consumer, decision: Decision, at: datetime) -> None:
    """Evaluate the rules about a person's offer, save the case in the caller's transaction, and set what they change on the checkout.

    `Checkout.withheld` has the rule that leaves out each plan, by product code. `Checkout.ruled` has under `offer` the rule that offers
    each plan, by product code, under `deposit` the rule with its share in `bps`, and under `no_counter` the rule against a counter-offer.
    """
    asked = ask_rules(
        kind=OFFERS,
        subject=checkout.public_id,
        facts=offer_facts(checkout, consumer, decision, at),
        place=place_of(checkout, consumer, at),
        amount=Money(checkout.amount_minor, checkout.currency),
        at=at,
    )
    withheld: dict[str, Any] = {}
    ruled: dict[str, Any] = {}
    for finding in get_rule_kind(OFFERS).counting(asked.findings):
        kept, value = kept_rule(finding, asked.version, OFFERS), finding.then.value
        match finding.then.outcome:
            case str(outcome) if outcome == WITHHOLD:
                withheld[value] = kept
            case str(outcome) if outcome == OFFER and _is_lawful(finding.then, checkout, consumer, at):
                ruled.setdefault(OFFER, {})[value] = kept
            case str(outcome) if outcome == DEPOSIT:
                ruled[DEPOSIT] = kept | {"bps": round(value * 10_000)}
            case str(outcome) if outcome == NO_COUNTER:
                ruled[NO_COUNTER] = kept
    checkout.withheld, checkout.ruled = withheld, ruled


def _is_lawful(then: Then, checkout: Checkout, consumer: Consumer, at: datetime) -> bool:
    """Return whether the law lets a rule offer a plan: it may have turned since the rule was written (`OfferRules.objection`)."""
    market = checkout.merchant.market_id
    return not changes_price(then, market, offer=OFFER, withhold=WITHHOLD) or not law_against(market, local_date(at, consumer.time_zone))


def counter_from(checkout: Checkout, consumer: Consumer, at: datetime, decision: Decision) -> int | None:
    """Return the smallest deposit of a counter-offer, in minor units; None if none may be made.

    The market's setting and the rules have to allow it, and a plan has to be on offer for what would be lent. Runs in the transaction that
    stores the decision; sets what rules change of the offer on the checkout.
    """
    setting = find_setting(checkout.merchant.market_id, COUNTER_OFFER, local_date(at, consumer.time_zone))
    if setting is None or not setting.value:
        return None
    checkout.decision = decision
    rule_offer(checkout, consumer, decision, at)
    smallest = least_charge(checkout)
    deposit = max(deposit_offered(checkout), smallest)
    allowed = NO_COUNTER not in checkout.ruled and checkout_quotes(checkout, at, deposit_minor=deposit)
    return smallest if allowed else None
