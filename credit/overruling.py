"""Rules about refusals that people overrule: on which grounds, up to which amount one person alone, by two people, or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.classes import facts_of_classes, place_of_person
from controls.models import RuleCase
from controls.rule_kinds import RuleKind, Sweep, get_rule_kind, language_of
from controls.rules.facts import Fact, FactType, share_of
from controls.rules.reading import read_set
from controls.rules.sets import Finding, Outcome, RuleSet
from controls.rules.trials import Compared
from controls.services import consult_rules
from core.ids import parse_id
from core.money import Money, exponent
from credit.approved import approved_alone_minor
from credit.models import Decision
from credit.reasons import GROUNDS
from credit.rules import Inputs
from credit.ruling import FACTS as OF_LIMITS
from credit.ruling import facts_of_file
from credit.shipped import OVERRULES_SHIPPED
from markets.queries import currency_of

OVERRULES = "overrules"
ALLOW, ALONE, TWO, NEVER = "allow", "alone", "two", "never"
_ELSEWHERE = frozenset({"amount", "limit", "used"})
"""Facts of rules about limits that are about an order or a computed limit."""
FACTS = (
    Fact("grounds", FactType.TEXT, _("the ground"), _("Why it would be approved, as the operator says."), "passing", choices=GROUNDS),
    Fact("amount", FactType.AMOUNT, _("the amount to approve"), _("At most what was asked for."), 249_900),
    Fact("asked", FactType.AMOUNT, _("the amount that was refused"), _("What the person asked for."), 249_900),
    Fact(
        "approved_alone",
        FactType.AMOUNT,
        _("what single operators approved for the person"),
        _("In the last 30 days, in the currency of the refusal, without this amount."),
        0,
    ),
    Fact(
        "owed",
        FactType.AMOUNT,
        _("what the person owes"),
        _("With us, in all currencies and with all brands, when it was refused."),
        90_000,
    ),
    Fact("asked_to_income", FactType.SHARE, _("the refused amount, as a share of a month's income left"), _("By the bureau."), 0.4),
    Fact("proven", FactType.YES, _("what is left of the income was proven"), _("The operator says how much."), True),
    Fact("reasons", FactType.TEXTS, _("the reasons of the refusal"), _("As codes, such as payment_remark."), ["payment_remark"]),
    *(fact for fact in OF_LIMITS if fact.name not in _ELSEWHERE),
)


class OverruleRules(RuleKind):
    """Rules about overruling a refusal; each case is a refused decision that people approved, or were about to."""

    name, title = OVERRULES, _("Refusals overruled")
    about = _(
        "Asked when an operator approves what was refused. Grounds count only if a rule allows them. One person approves alone up to the"
        " first amount that a rule gives, with what single operators approved for the person in 30 days; above it, and without one, two"
        " people agree. What the law, the person or the state of the account refuses is never asked."
    )
    facts = FACTS
    outcomes: ClassVar = {
        ALLOW: Outcome(_("These grounds count"), grave=1),
        ALONE: Outcome(_("One person alone, up to"), grave=1, value=FactType.AMOUNT),
        TWO: Outcome(_("Two people in any case"), grave=2),
        NEVER: Outcome(_("Nobody approves it"), grave=3),
    }
    reasons: ClassVar = {
        "policy": _("Our policy"),
        "amount": _("A large amount"),
        "history": _("How the person has paid so far"),
        "other": _("Another reason"),
    }
    shipped: ClassVar[Mapping[str, Any]] = OVERRULES_SHIPPED
    compared = Compared.BY_NAME
    worth_title = _("Approved by one person alone, change")
    sweep = Sweep(
        every=_("This version would have treated every overruled refusal of these months otherwise."),
        many=_("This version would have treated %(share)s of all overruled refusals otherwise."),
        none=_("This version would have treated no overruled refusal of these months otherwise."),
        counts_others=True,
    )

    def counting(self, findings: Sequence[Finding]) -> list[Finding]:
        """Return a rule by which nobody approves; or one that allows the grounds, with who approves. Nothing if no rule allows them."""
        first = {name: next((one for one in findings if one.then.outcome == name), None) for name in self.outcomes}
        if first[NEVER] or not first[ALLOW]:
            return [one for one in (first[NEVER],) if one]
        return [one for one in (first[ALLOW], first[TWO] or first[ALONE]) if one]

    def worth_minor(self, facts: Mapping[str, Any], outcome: str, decimals: int) -> int | None:
        """Return how much of a case's amount one person could have approved alone: all of it or nothing, in minor units."""
        amount = facts.get("amount")
        said = {name: value for name, _sep, value in (part.partition(":") for part in outcome.split())}
        if amount is None or ALONE not in said:
            return None if amount is None else 0
        return amount if amount + facts.get("approved_alone", 0) <= round(float(said[ALONE]) * 10**decimals) else 0

    def link(self, subject: str) -> str:
        """Return the refused decision's page."""
        return reverse("admin:credit_decision_change", args=[parse_id(Decision.PREFIX, subject)])


@dataclass(frozen=True, slots=True)
class May:
    """What the rules say of an amount that would be approved in spite of a refusal, and the case for the caller to save."""

    is_allowed: bool
    is_alone: bool
    case: RuleCase


def may_overrule(decision: Decision, *, amount_minor: int, left_minor: int | None, why: str, at: datetime) -> May:
    """Ask the rules in force whether an amount may be approved on some grounds, and whether one person may do so alone; one query.

    Without a version in force the built-in rules count. An amount in another currency than that of the person's market takes two people,
    since the rules' amounts are in the market's.
    """
    return _ask(decision, _facts(decision, at), amount_minor, left_minor, why, at)


def grounds_for(decision: Decision, at: datetime) -> dict[str, Any]:
    """Return the grounds that the rules allow for all or for a little of a refused amount, with or without proof of an income.

    With their titles; one query.
    """
    facts = _facts(decision, at)
    tried = [(minor, left) for minor in (decision.amount_minor, 1) for left in (None, 0)]
    allowed = {code for code in GROUNDS for minor, left in tried if _ask(decision, facts, minor, left, code, at).is_allowed}
    return {code: title for code, title in GROUNDS.items() if code in allowed}


def _ask(decision: Decision, known: Mapping[str, Any], amount_minor: int, left_minor: int | None, why: str, at: datetime) -> May:
    """Ask the rules about an amount on some grounds; `known` are the facts of `_facts`."""
    consumer = decision.consumer
    place = place_of_person(consumer, at)
    facts = {**known, "grounds": why, "amount": amount_minor, "proven": left_minor is not None}
    amount = Money(amount_minor, decision.currency)
    asked, case = consult_rules(kind=OVERRULES, subject=decision.public_id, facts=facts, place=place, amount=amount, at=at)
    decimals = exponent(decision.currency)
    findings = asked.findings if asked.version else _built_in().ask(facts, place, exponent=decimals).findings
    then = {one.then.outcome: one.then.value for one in get_rule_kind(OVERRULES).counting(findings)}
    most_minor = round(then.get(ALONE, 0) * 10**decimals) if decision.currency == currency_of(consumer.market_id) else 0
    return May(ALLOW in then, ALLOW in then and amount_minor + facts["approved_alone"] <= most_minor, case)


@cache
def _built_in() -> RuleSet:
    kind = get_rule_kind(OVERRULES)
    return read_set(kind.shipped, kind.terms, language_of(OVERRULES))


def _facts(decision: Decision, at: datetime) -> dict[str, Any]:
    """Return what the rules are told of a refusal and its person; nothing in it identifies them. One query."""
    inputs, consumer = Inputs.from_json(decision.inputs), decision.consumer
    bureau = inputs.bureau
    of_file = facts_of_file(inputs, bureau) if bureau is not None else {}
    return {
        **of_file,
        "asked": decision.amount_minor,
        "approved_alone": approved_alone_minor(decision, at),
        "owed": inputs.used_minor,
        "asked_to_income": share_of(decision.amount_minor, max(0, bureau.disposable_income_minor)) if bureau is not None else None,
        "reasons": sorted(decision.reasons),
        "score": decision.score,
        "customer_days": (at - consumer.created_at).days,
        **facts_of_classes(consumer),
    }
