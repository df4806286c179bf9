"""The kind of rules about plans on offer: what a person is offered for a purchase, and on which terms."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Consumer
from checkout.models import Checkout
from checkout.pricing import changes_price, is_by_risk, law_against
from checkout.ruling import FACTS, purchase_facts
from controls.rule_kinds import RuleKind, Sweep, shipped_rule
from controls.rules.facts import Fact, FactType, share_of
from controls.rules.sets import Finding, Outcome, Rule, Then
from controls.rules.trials import Compared
from core.ids import parse_id
from core.sentences import Sentence
from credit.models import Decision
from credit.rules.grades import GRADES_1
from credit.ruling import LAW_AGAINST_REGIONS
from plans.known import MARKETS, PLANS

OFFERS = "offers"
WITHHOLD, OFFER, DEPOSIT, NO_COUNTER = "withhold", "offer", "deposit", "no_counter"
MOST_DEPOSIT = 0.9
"""The largest share of a price that a rule can ask for as a deposit."""

_OWN = (
    Fact(
        "grade",
        FactType.TEXT,
        _("the grade of the credit decision"),
        _("A is the least risk."),
        "B",
    ),
    Fact(
        "default_risk",
        FactType.SHARE,
        _("the risk of default"),
        _("As the model that decides estimates it; unknown where the points decide."),
        0.03,
    ),
    Fact(
        "limit_share",
        FactType.SHARE,
        _("the share of what is left of the limit that the order takes"),
        _("More than 1 is more than what is left."),
        0.6,
    ),
    Fact("banked", FactType.YES, _("the income is shown by the person's bank"), _("And counted in the decision."), False),
    Fact("known", FactType.YES, _("the person has paid with us before"), _("At least one installment."), True),
)
FACTS_OF_OFFERS = (
    # A price is an aspect of a credit as much as a limit.
    *(
        replace(fact, forbidden=LAW_AGAINST_REGIONS) if fact.name == "customer_region" else fact
        for fact in FACTS
        if fact.name not in {"first_payment", "plan"}
    ),
    *_OWN,
)


SUGGESTED: dict[str, list[dict[str, Any]]] = {
    "rules": [
        {
            **shipped_rule(
                "deposit-of-new",
                "Deposit for a large purchase of a new customer",
                10,
                "amount >= 400.0 && !known",
                DEPOSIT,
                "new_customer",
                value=0.2,
            ),
            "scope": {"market": "US"},
        },
    ],
    "examples": [
        {
            "name": "A large purchase of a new customer",
            "facts": {"amount": 50_000, "known": False},
            "place": {"market": "US"},
            "expects": [DEPOSIT],
        },
        {
            "name": "A large purchase of a known customer",
            "facts": {"amount": 50_000, "known": True},
            "place": {"market": "US"},
            "expects": [],
        },
    ],
}
"""Rules that a demo begins with; no installation gets them by itself."""


class OfferRules(RuleKind):
    """The rules about a person's offer: plans left out or added, a deposit, no counter-offer; each case is a checkout."""

    name, title = OFFERS, _("Plans on offer")
    about = _(
        "Each purchase is asked once it is approved, or could be with a deposit. Plans that a rule leaves out are not shown to the person;"
        " plans that nobody else is offered are shown where a rule offers them. Of several deposits the largest counts."
    )
    facts: ClassVar = FACTS_OF_OFFERS
    outcomes: ClassVar = {
        WITHHOLD: Outcome(_("Leave out the plan"), value=FactType.TEXT, choices=PLANS),
        OFFER: Outcome(_("Offer the plan"), value=FactType.TEXT, choices=PLANS),
        DEPOSIT: Outcome(_("Deposit of at least"), value=FactType.SHARE, least=0.01, most=MOST_DEPOSIT),
        NO_COUNTER: Outcome(_("Make no counter-offer")),
    }
    reasons: ClassVar = {
        "history": _("How the person has paid"),
        "risk": _("How likely it is to be paid back"),
        "goods": _("The kind of goods"),
        "new_customer": _("A new customer"),
        "large": _("A large amount"),
        "other": _("Another reason"),
    }
    suggested: ClassVar[Mapping[str, Any]] = SUGGESTED
    compared = Compared.EACH
    sweep = Sweep(
        every=_("This version would have changed every offer of these months."),
        many=_("This version would have changed %(share)s of all offers."),
        none=_("This version would have changed no offer of these months."),
    )

    def counting(self, findings: Sequence[Finding]) -> list[Finding]:
        """Return the first rule that leaves out or offers each plan, the one with the largest deposit, and one against a counter-offer.

        A plan that one rule leaves out is not offered by another.
        """
        first: dict[tuple[str, Any], Finding] = {}
        for one in sorted(findings, key=lambda one: -one.then.value if one.then.outcome == DEPOSIT else 0):
            outcome = one.then.outcome
            first.setdefault((outcome, one.then.value if outcome in {WITHHOLD, OFFER} else ""), one)
        return [first[key] for key in sorted(first) if key[0] != OFFER or (WITHHOLD, key[1]) not in first]

    def objection(self, rule: Rule, then: Then, on: date) -> Sentence | None:
        """Return the law by which a rule may not make the price of a credit follow the risk, in any market where it holds."""
        if not is_by_risk(rule):
            return None
        for market in [rule.scope["market"]] if "market" in rule.scope else sorted(MARKETS):
            law = law_against(market, on)
            if law and changes_price(then, market, offer=OFFER, withhold=WITHHOLD):
                told = {"country": MARKETS[market], "law": law}
                return Sentence("This makes the price of a credit follow the risk, which is not allowed in %(country)s: %(law)s.", **told)
        return None

    def link(self, subject: str) -> str:
        """Return the checkout's page."""
        return reverse("admin:checkout_checkout_change", args=[parse_id(Checkout.PREFIX, subject)])


def offer_facts(checkout: Checkout, consumer: Consumer, decision: Decision, at: datetime) -> Mapping[str, Any]:
    """Return the facts of an offer, like `checkout.ruling.facts_of`."""
    inputs = decision.inputs
    history = inputs.get("history") or {}
    left = decision.limit_minor - inputs["used_minor"] if "used_minor" in inputs else 0
    return {
        **purchase_facts(checkout, consumer, decision, at),
        "grade": grade_of(decision),
        "default_risk": risk_of(inputs),
        "limit_share": share_of(checkout.amount_minor, left) if left > 0 else None,
        "banked": bool(inputs.get("banked")),
        "known": history.get("paid_on_time", 0) + history.get("paid_late", 0) > 0,
    }


def grade_of(decision: Decision) -> str | None:
    """Return the grade of a decision, as stored with it or by its points; None if it had none."""
    stored = decision.versions.get("grade") or (decision.inputs.get("grade") or {}).get("name")
    if stored or not decision.inputs.get("bureau"):
        return stored or None
    return next((grade for lowest, grade, _share in GRADES_1 if decision.score >= lowest), None)


def risk_of(inputs: Mapping[str, Any]) -> float | None:
    """Return the probability of a bad end that the deciding model gave; None if the points decided."""
    risk = inputs.get("risk") or {}
    said = (risk.get("said") or {}).get(risk.get("decides"))
    return said["ppm"] / 1_000_000 if said else None
