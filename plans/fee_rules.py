"""The kind of rules about the fees that people pay: they waive or lower a fee before caps cut it, and never raise it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.classes import AREA_FACT, CLASS_FACTS, CUSTOMER_DAYS, STATE_FACT, facts_of_classes, facts_of_home, groups_of
from accounts.models import Consumer
from controls.models import RuleCase
from controls.rule_kinds import RuleKind, Sweep, get_rule_kind, kept_rule, shipped_rule
from controls.rules.facts import Fact, FactType
from controls.rules.sets import Finding, Outcome, Place
from controls.services import consult_rules
from controls.units import DAYS, TIMES
from core.ids import parse_id
from core.money import Money, exponent
from credit.ruling import LAW_AGAINST_REGIONS
from plans.known import MARKET_FACT, ON_TIME_SINCE, PLANS
from plans.models import Fee, Plan
from plans.records import Conduct
from plans.rules.fees import LEAVE, MOST, SHARE, WAIVE, History, lowered
from plans.rules.moving import year_before

PERSON_FEES = "person_fees"
_WITHOUT = _("With us, in all accounts; the payment that the fee is for does not count.")
FACTS = (
    Fact("kind", FactType.TEXT, _("the kind of fee"), _("What the fee is for."), "late", choices=dict(Fee.KINDS)),
    Fact("stage", FactType.WHOLE, _("which fee of its kind it is"), _("1 for the first one of this payment."), 1),
    Fact("fee", FactType.AMOUNT, _("the fee by the agreement"), _("Before rules and caps."), 800),
    Fact("capped", FactType.AMOUNT, _("what caps leave of the fee"), _("The most that can be charged, without rules."), 700),
    Fact("open", FactType.AMOUNT, _("what is open of the payment"), _("Principal and interest, without fees."), 6_250),
    Fact("amount", FactType.AMOUNT, _("what was captured of the purchase"), _("In all, refunds not deducted."), 24_900),
    Fact("plan", FactType.TEXT, _("the plan"), _("The code of the chosen product."), "pay_in_4", choices=PLANS),
    Fact("days_late", FactType.WHOLE, _("the number of days late"), _("Since the due date; below 0 before it."), 8, DAYS),
    Fact("first_late", FactType.YES, _("no other payment was ever late"), _WITHOUT, True),
    Fact("late_12m", FactType.WHOLE, _("how often the person was late in 12 months"), _WITHOUT, 0, TIMES),
    ON_TIME_SINCE,
    Fact("fees_12m", FactType.WHOLE, _("the number of fees in 12 months"), _("Of the person, those that stand."), 0),
    CUSTOMER_DAYS,
    MARKET_FACT,
    replace(AREA_FACT, forbidden=LAW_AGAINST_REGIONS),
    STATE_FACT,
    *(replace(fact, forbidden=LAW_AGAINST_REGIONS) if fact.name == "customer_region" else fact for fact in CLASS_FACTS),
)


_STATUS = "customer_fee_status"
SUGGESTED: dict[str, Any] = {
    "rules": [
        shipped_rule("loyal-free", "Loyal people pay no first fee", 20, f"{_STATUS} == 'loyal' && fees_12m == 0", WAIVE, "history"),
        shipped_rule("new-half", "New people pay half of a first fee", 30, f"{_STATUS} == 'new' && first_late", SHARE, "first", value=0.5),
        shipped_rule("late-as-agreed", "Late payers pay what was agreed", 40, f"{_STATUS} == 'late'", LEAVE, "history"),
    ],
    "examples": [
        {"name": "Loyal, the first fee", "facts": {_STATUS: "loyal", "fees_12m": 0}, "expects": [WAIVE]},
        {"name": "Late again", "facts": {_STATUS: "late", "fees_12m": 2, "first_late": False}, "expects": [LEAVE]},
    ],
}
"""Rules with which a demo begins: no installation gets them by itself, but their names are known in every language."""


class PersonFeeRules(RuleKind):
    """The rules that waive or lower the fees of people; the first rule that holds counts. Each case is a fee."""

    name, title = PERSON_FEES, _("Fees of people")
    about = _(
        "Each fee of a person, such as a late fee, is asked before it is charged. The first rule that holds waives it, lowers it or leaves"
        " it; none asks for more than the agreement says, and caps cut what is left."
    )
    facts = FACTS
    outcomes: ClassVar = {
        WAIVE: Outcome(_("No fee")),
        SHARE: Outcome(_("Share of the fee at most"), value=FactType.SHARE, most=1),
        MOST: Outcome(_("Fee at most"), value=FactType.AMOUNT),
        LEAVE: Outcome(_("As the agreement says")),
    }
    reasons: ClassVar = {
        "first": _("It is the first time"),
        "history": _("How the person has paid"),
        "small": _("Little is open"),
        "customer": _("The kind of customer"),
        "place": _("Where the person lives"),
        "fault": _("Making up for a fault"),
        "other": _("Another reason"),
    }
    idle = LEAVE
    worth_title = _("Fees change by")
    sums_title = _("Fees charged")
    segment_facts = ("kind", "plan", "customer_fee_status")
    suggested: ClassVar[Mapping[str, Any]] = SUGGESTED
    sweep = Sweep(
        every=_("This version would have lowered every fee of these months."),
        many=_("This version would have lowered %(share)s of all fees."),
        none=_("This version would have lowered no fee of these months."),
    )

    @property
    def counts_values(self) -> bool:
        """One rule counts for a fee, so its outcome is compared as a whole, but another share or amount is another answer."""
        return True

    def worth_minor(self, facts: Mapping[str, Any], outcome: str, decimals: int) -> int | None:
        """Return the fee that an outcome and the caps leave, in minor units; None if it is not known any more."""
        fee, capped = facts.get("fee"), facts.get("capped")
        if fee is None or capped is None:
            return None
        said, _sep, value = outcome.partition(":")
        left: int = min(lowered(fee, said, float(value) if value else None, decimals), capped)
        return left

    def counting(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        """Return the first rule that held."""
        return findings[:1]

    def link(self, subject: str) -> str:
        """Return the page of the fee's plan."""
        plan = Fee.objects.filter(pk=parse_id(Fee.PREFIX, subject)).values_list("installment__plan_id", flat=True).first()
        return reverse("admin:plans_plan_change", args=[plan]) if plan else ""


@dataclass(frozen=True, slots=True)
class Case:
    """A fee to ask rules about: its plan and person, how the person paid, and what caps leave of it."""

    fee: Fee
    plan: Plan
    consumer: Consumer
    history: History
    conduct: Conduct
    capped_minor: int


@dataclass(frozen=True, slots=True)
class Ruled:
    """What rules leave of a fee, in minor units, and what its row keeps of the rule that counted; empty if none held."""

    amount_minor: int
    kept: dict[str, Any] = field(default_factory=dict)


def rule_on(case: Case) -> tuple[Ruled, RuleCase]:
    """Return what the rules in force leave of a fee, and the case, which the caller saves. No query."""
    fee, plan, consumer = case.fee, case.plan, case.consumer
    asked, kept = consult_rules(
        kind=PERSON_FEES,
        subject=fee.public_id,
        facts=_facts(case),
        place=Place(consumer.brand_id or "", plan.product.market_id, "", groups_of(consumer), fee.on),
        amount=Money(fee.wanted_minor, plan.currency),
        at=fee.at,
    )
    counting = get_rule_kind(PERSON_FEES).counting(asked.findings)
    if not counting:
        return Ruled(fee.wanted_minor), kept
    then = counting[0].then
    left = lowered(fee.wanted_minor, then.outcome, then.value, exponent(plan.currency))
    told = {"minor": left, "reason": then.reason, "rules": [kept_rule(counting[0], asked.version, PERSON_FEES)]}
    return Ruled(left, told), kept


def _facts(case: Case) -> dict[str, Any]:
    fee, row, plan = case.fee, case.fee.installment, case.plan
    after = year_before(fee.on)
    return {
        "kind": str(fee.kind),
        "stage": fee.stage + 1,
        "fee": fee.wanted_minor,
        "capped": case.capped_minor,
        "open": row.open_minor - row.open_fees_minor,
        "amount": plan.captured_minor,
        "plan": plan.product.code,
        "days_late": (fee.on - row.due_date).days,
        "first_late": case.conduct.is_first(row.id),
        "late_12m": case.conduct.late_in_year(row.id),
        "on_time_since": case.conduct.on_time_since(row.id),
        "fees_12m": sum(one.on > after for one in case.history.fees),
        "customer_days": (fee.at - case.consumer.created_at).days,
        "market": plan.product.market_id,
        **facts_of_home(case.consumer),
        **facts_of_classes(case.consumer),
    }
