"""Rules about limits: their facts, their results, and their effect on a person's computed limit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.classes import CLASS_FACTS, CUSTOMER_DAYS, facts_of_classes, place_of_person
from accounts.models import Consumer
from controls.models import RuleCase
from controls.rule_kinds import RuleKind, Sweep, get_rule_kind, kept_rule
from controls.rules.facts import Fact, FactType, share_of
from controls.rules.sets import Finding, Outcome, Place
from controls.rules.trials import Compared
from controls.services import consult_rules
from controls.services.ruling import rules_then
from controls.units import DUES, MONTHS, PAYMENTS, POINTS
from core.ids import parse_id
from core.money import Money
from credit.bank_facts import BANK_FACTS, LIMITS_SUGGESTED, facts_of_bank
from credit.models import Decision
from credit.reasons import SENTENCES
from credit.rules import Bureau, Inputs, Ruled, computed_limit, is_computed, score_of
from credit.rules.registers import facts_of_registers
from credit.shipped import SHIPPED

LIMITS = "limits"
FACTOR, CAP = "factor", "cap"
LAW_AGAINST_REGIONS = {"US": "15 U.S.C. 1691(a)"}
"""Where people live correlates with their origin: less credit for a district is discrimination by this law."""

PROBABILITY = Fact(
    "probability",
    FactType.NUMBER,
    _("the probability in percent that it ends badly"),
    _("By the model that decides; unknown where the points decide."),
    2.5,
)
FACTS = (
    Fact("amount", FactType.AMOUNT, _("the amount of the order"), _("What the order costs in all."), 249_900),
    Fact("limit", FactType.AMOUNT, _("the computed limit"), _("As points and income give it, before rules."), 1_500_000),
    Fact("used", FactType.SHARE, _("the used share of the limit"), _("Before this order; more than 1 is possible after a cut."), 0.25),
    Fact("score", FactType.WHOLE, _("the score of the credit decision"), _("More points mean less risk."), 640, POINTS),
    PROBABILITY,
    CUSTOMER_DAYS,
    Fact("paid_on_time", FactType.WHOLE, _("the number of installments paid on time"), _("With us, of all plans so far."), 12, DUES),
    Fact("paid_late", FactType.WHOLE, _("the number of installments paid late"), _("With us, of all plans so far."), 0, DUES),
    Fact(
        "on_time_run",
        FactType.WHOLE,
        _("the number of installments paid on time since the last late one"),
        _("With us; none while a payment is overdue."),
        4,
        DUES,
    ),
    Fact("clean_plans", FactType.WHOLE, _("the number of purchases paid off without a late payment"), _("With us, of all so far."), 2),
    Fact("thin_file", FactType.YES, _("the bureau knows little of the person"), _("The bureau's report has hardly any accounts."), False),
    Fact("late_24m", FactType.WHOLE, _("late payments in the last two years"), _("On the credit file, with anybody."), 0, PAYMENTS),
    Fact("inquiries_6m", FactType.WHOLE, _("applications for credit in the last six months"), _("On the credit file."), 1),
    Fact("utilization", FactType.SHARE, _("the used share of other credit"), _("On the credit file, with anybody."), 0.3),
    Fact("file_months", FactType.WHOLE, _("the age of the oldest account"), _("On the credit file."), 84, MONTHS),
    Fact("income_left", FactType.AMOUNT, _("what is left of the income"), _("Of a month, less regular spending."), 900_000),
    Fact(
        "remarks",
        FactType.WHOLE,
        _("the number of payment remarks"),
        _("In the registers of the market that were asked; unknown where none answered."),
        0,
    ),
    Fact(
        "remarks_owed",
        FactType.AMOUNT,
        _("what payment remarks say is owed"),
        _("In all registers of the market that were asked, together."),
        0,
    ),
    *BANK_FACTS,
    *(replace(fact, forbidden=LAW_AGAINST_REGIONS) if fact.name == "customer_region" else fact for fact in CLASS_FACTS),
)
TOLD = (
    "late_with_us",
    "little_history_with_us",
    "credit_record",
    "late_payments",
    "payment_remark",
    "high_utilization",
    "many_inquiries",
    "short_history",
    "income_insufficient",
    "much_gambling",
    "below_zero",
    "debits_returned",
    "much_to_lenders",
    "low_balances",
    "income_unsteady",
)
"""The reasons that may be given if a rule reduced the limit too far: facts about the person, as the law requires (`credit.reasons`)."""


class LimitRules(RuleKind):
    """Rules that multiply or cap a computed limit: the first factor counts, and the smallest cap; each case is a decision."""

    name, title = LIMITS, _("Limits")
    about = _(
        "Each credit decision is asked once a limit is computed. The first rule with a factor counts, then the smallest cap. A limit"
        " that two people set by hand, and what is in use, go before."
    )
    facts = FACTS
    outcomes: ClassVar = {
        FACTOR: Outcome(_("Multiply the limit by"), value=FactType.NUMBER, most=1.5),
        CAP: Outcome(_("Limit at most"), value=FactType.AMOUNT),
    }
    reasons: ClassVar = {code: _(SENTENCES[code]) for code in TOLD}

    shipped: ClassVar[Mapping[str, Any]] = SHIPPED
    suggested: ClassVar[Mapping[str, Any]] = LIMITS_SUGGESTED
    compared = Compared.BY_NAME
    worth_title = _("Limits change by")
    sweep = Sweep(
        every=_("This version would have changed every limit of these months."),
        many=_("This version would have changed %(share)s of all limits."),
        none=_("This version would have changed no limit of these months."),
    )

    def worth_minor(self, facts: Mapping[str, Any], outcome: str, decimals: int) -> int | None:
        """Return the limit that an outcome leaves of the computed one, in minor units."""
        said = {name: float(value) for name, value in (part.split(":") for part in outcome.split())}
        limit = facts.get("limit")
        if limit is None:
            return None
        cap = round(said[CAP] * 10**decimals) if CAP in said else None
        factor = round(said[FACTOR] * 10_000) if FACTOR in said else None
        return Ruled(factor_bps=factor, cap_minor=cap).applied(limit)

    def counting(self, findings: Sequence[Finding]) -> list[Finding]:
        """Return the first rule with a factor, and the one with the smallest cap."""
        factors = [one for one in findings if one.then.outcome == FACTOR]
        caps = sorted((one for one in findings if one.then.outcome == CAP), key=lambda one: one.then.value)
        return [*factors[:1], *caps[:1]]

    def link(self, subject: str) -> str:
        """Return the decision's page."""
        return reverse("admin:credit_decision_change", args=[parse_id(Decision.PREFIX, subject)])


def consult_limits(consumer: Consumer, decision: Decision, inputs: Inputs, at: datetime) -> tuple[Inputs, RuleCase | None]:
    """Apply the rules to the limit of a decision that is about to be made.

    Return the inputs with the rules' effect, and the case for the caller to save; None if no limit is computed. No query.
    """
    if not is_computed(inputs):
        return inputs, None
    facts = facts_of(consumer, inputs, at)
    asked, case = consult_rules(
        kind=LIMITS,
        subject=decision.public_id,
        facts=facts,
        place=place_of_person(consumer, at),
        amount=Money(inputs.amount_minor, decision.currency),
        at=at,
    )
    ruled = _ruled(asked.findings, asked.version, facts["limit"], inputs.exponent)
    return inputs if ruled is inputs.ruled else inputs.but(ruled=ruled), case


def ruled_by(consumer: Consumer, inputs: Inputs, version: int, place: Place, case: RuleCase | None, at: datetime) -> Inputs:
    """Return inputs with the effect of a version of the rules, 0 for none, on the limit that is computed now; NotFound.

    What is known of the person alone (their classes) is taken from `case`, what the rules were told then, if it is still kept.
    """
    if not version or not is_computed(inputs):
        return replace(inputs, ruled=None)
    facts = facts_of(consumer, inputs, at)
    if case is not None and case.facts:
        facts |= {fact.name: case.facts.get(fact.name) for fact in CLASS_FACTS}
    answer = rules_then(LIMITS, version).ask(facts, place, exponent=inputs.exponent)
    return replace(inputs, ruled=_ruled(answer.findings, version, facts["limit"], inputs.exponent))


def facts_of(consumer: Consumer, inputs: Inputs, at: datetime) -> dict[str, Any]:
    """Return the facts for the rules; nothing in them identifies the person."""
    bureau = inputs.bureau
    if bureau is None:
        raise ValueError("a limit is computed with a bureau's report")
    limit = computed_limit(inputs)
    return {
        "limit": limit,
        "used": share_of(inputs.used_minor, limit),
        "score": score_of(bureau, inputs.history)[0],
        "customer_days": (at - consumer.created_at).days,
        **facts_of_file(inputs, bureau),
        **facts_of_classes(consumer),
    }


def facts_of_file(inputs: Inputs, bureau: Bureau) -> dict[str, Any]:
    """Return the facts of the purchase, the person's report, their bank accounts, and how they have paid, with what a model said."""
    history, said = inputs.history, inputs.risk.deciding if inputs.risk else None
    return {
        # A review of a limit is about no order.
        "amount": inputs.amount_minor or None,
        "probability": said.ppm / 10_000 if said else None,
        "paid_on_time": history.paid_on_time,
        "paid_late": history.paid_late,
        "on_time_run": history.on_time_run,
        "clean_plans": history.clean_plans,
        "thin_file": bureau.thin,
        "late_24m": bureau.delinquencies_24m,
        "inquiries_6m": bureau.inquiries_6m,
        "utilization": bureau.utilization_pct / 100,
        "file_months": bureau.oldest_account_months,
        "income_left": bureau.disposable_income_minor,
        **facts_of_bank(inputs.banked),
        **facts_of_registers(inputs.registers),
    }


def _ruled(findings: Sequence[Finding], version: int, limit_minor: int, exponent: int) -> Ruled | None:
    """Return the effect of rules on a limit; its reason is that of the rule that reduces the limit most."""
    found = get_rule_kind(LIMITS).counting(findings)
    if not found:
        return None
    value = {one.then.outcome: one.then.value for one in found}
    by_factor = Ruled(factor_bps=round(value[FACTOR] * 10_000) if FACTOR in value else None)
    cap = round(value[CAP] * 10**exponent) if CAP in value else None
    by_cap = cap is not None and cap < by_factor.applied(limit_minor)
    reason = found[-1 if by_cap else 0].then.reason
    return replace(by_factor, cap_minor=cap, reason=reason, rules=[kept_rule(one, version, LIMITS) for one in found])
