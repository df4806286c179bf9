"""The kind of rules about what people earn by paying before the due date, or from a bank account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.classes import CLASS_FACTS, CUSTOMER_DAYS, STATE_FACT, facts_of_classes, facts_of_home, groups_of
from accounts.models import Consumer
from controls.models import RuleCase
from controls.rule_kinds import RuleKind, Sweep, get_rule_kind, kept_rule, shipped_rule
from controls.rules.facts import Fact, FactType
from controls.rules.sets import Finding, Outcome, Place
from controls.services import consult_rules
from controls.units import DAYS
from core.ids import parse_id
from core.money import Money, exponent
from credit.ruling import LAW_AGAINST_REGIONS
from payments.models.methods import MethodKind
from plans.known import MARKET_FACT, PLANS
from plans.models import Plan, Reward
from plans.rules.rewards import CREDIT, MONEY, NOTHING, SHARE, reward_of

EARLY_REWARDS = "early_rewards"
METHODS = {
    MethodKind.CARD.value: _("Card"),
    MethodKind.BANK_DEBIT.value: _("Bank account"),
    MethodKind.WALLET.value: _("Wallet"),
    MethodKind.TRANSFER.value: _("Bank transfer"),
}
FACTS = (
    Fact("days_early", FactType.WHOLE, _("the number of days before the due date"), _("0 on the due date and after it."), 10, DAYS),
    Fact("whole_plan", FactType.YES, _("nothing of the purchase is open then"), _("The payment pays all that is left."), False),
    Fact("method", FactType.TEXT, _("what the person pays with"), _("The kind of payment method."), "bank_debit", choices=METHODS),
    Fact("paid", FactType.AMOUNT, _("what is paid of the price"), _("Of this payment of the plan, without interest and fees."), 6_250),
    Fact("price", FactType.AMOUNT, _("the price of the installment"), _("Without interest and fees."), 6_250),
    Fact("before", FactType.AMOUNT, _("what was paid of it before"), _("Of the price of the installment, by other payments."), 0),
    Fact("capped", FactType.AMOUNT, _("the most that it may earn"), _("What the market's setting leaves."), 625),
    Fact("amount", FactType.AMOUNT, _("what was captured of the purchase"), _("In all, refunds not deducted."), 24_900),
    Fact("plan", FactType.TEXT, _("the plan"), _("The code of the chosen product."), "pay_in_4", choices=PLANS),
    CUSTOMER_DAYS,
    MARKET_FACT,
    STATE_FACT,
    *(replace(fact, forbidden=LAW_AGAINST_REGIONS) if fact.name == "customer_region" else fact for fact in CLASS_FACTS),
)
SUGGESTED: dict[str, Any] = {
    "rules": [
        shipped_rule("whole-two", "All at once, a week early", 10, "whole_plan && days_early >= 7", SHARE, "early", value=0.02),
        shipped_rule("early-one", "A week early", 20, "days_early >= 7", SHARE, "early", value=0.01),
        shipped_rule("bank-half", "From a bank account", 30, "method == 'bank_debit'", SHARE, "method", value=0.005),
    ],
    "examples": [{"name": "Ten days early", "facts": {"days_early": 10, "whole_plan": False}, "expects": [SHARE]}],
}
"""Rules to begin with: no installation gets them by itself, but their names are known in every language."""


class EarlyRewardRules(RuleKind):
    """The rules that give money, or a credit against fees, for early payments; the first that holds counts. Each case is a payment made."""

    name, title = EARLY_REWARDS, _("Rewards for early payments")
    about = _(
        "Each payment that a person makes before its date, or from a bank account, is asked once it has arrived. The first rule that holds"
        " says what goes back to the person, or how much lower their next fees are. Nothing is earned where a market has no setting for it,"
        " and never more than that allows."
    )
    facts = FACTS
    outcomes: ClassVar = {
        SHARE: Outcome(_("Share of the payment goes back"), value=FactType.SHARE, most=1),
        MONEY: Outcome(_("Money back of"), value=FactType.AMOUNT),
        CREDIT: Outcome(_("Credit against fees of"), value=FactType.AMOUNT),
        NOTHING: Outcome(_("Nothing goes back")),
    }
    reasons: ClassVar = {
        "early": _("It was paid early"),
        "method": _("What it was paid with"),
        "customer": _("The kind of customer"),
        "other": _("Another reason"),
    }
    idle = NOTHING
    worth_title = _("Rewards change by")
    sums_title = _("Money back and credit against fees")
    segment_facts = ("method", "plan", "customer_loyalty")
    suggested: ClassVar[Mapping[str, Any]] = SUGGESTED
    sweep = Sweep(
        every=_("This version would have rewarded every payment of these months."),
        many=_("This version would have rewarded %(share)s of all payments."),
        none=_("This version would have rewarded no payment of these months."),
    )

    @property
    def counts_values(self) -> bool:
        """One rule counts for a payment, so its outcome is compared as a whole, but another share or amount is another answer."""
        return True

    def worth_minor(self, facts: Mapping[str, Any], outcome: str, decimals: int) -> int | None:
        """Return what is earned by an outcome within the caps of then, in minor units; None if it is not known any more."""
        paid, capped = facts.get("paid"), facts.get("capped")
        if paid is None or capped is None:
            return None
        said, _sep, value = outcome.partition(":")
        of_part: dict[str, Any] = {"before_minor": facts.get("before") or 0, "price_minor": facts.get("price")}
        earned: int = min(reward_of(paid, said, float(value) if value else None, decimals, **of_part), capped)
        return earned

    def counting(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        """Return the first rule that held."""
        return findings[:1]

    def link(self, subject: str) -> str:
        """Return the page of the payment's plan."""
        plan = Reward.objects.filter(pk=parse_id(Reward.PREFIX, subject)).values_list("installment__plan_id", flat=True).first()
        return reverse("admin:plans_plan_change", args=[plan]) if plan else ""


@dataclass(frozen=True, slots=True)
class Early:
    """A payment to ask rules about: what it paid of an installment's price, how early, with what, and the most that it may earn.

    `before_minor` of `price_minor` was paid before.
    """

    plan: Plan
    consumer: Consumer
    method: str
    days_early: int
    whole_plan: bool
    paid_minor: int
    capped_minor: int
    before_minor: int
    price_minor: int


@dataclass(frozen=True, slots=True)
class Ruled:
    """What a payment earns, in minor units, as money back or as a credit against fees, and what its reward keeps of the rule."""

    earned_minor: int = 0
    is_credit: bool = False
    kept: dict[str, Any] = field(default_factory=dict)


def rule_on_early(early: Early, reward: Reward) -> tuple[Ruled, RuleCase]:
    """Return what a payment earns by the rules in force, and the case, not saved. No query."""
    plan, consumer = early.plan, early.consumer
    asked, case = consult_rules(
        kind=EARLY_REWARDS,
        subject=reward.public_id,
        facts=_facts(early, reward),
        place=Place(consumer.brand_id or "", plan.product.market_id, "", groups_of(consumer), reward.on),
        amount=Money(early.paid_minor, plan.currency),
        at=reward.at,
    )
    counting = get_rule_kind(EARLY_REWARDS).counting(asked.findings)
    if not counting:
        return Ruled(), case
    then = counting[0].then
    decimals, of_part = exponent(plan.currency), {"before_minor": early.before_minor, "price_minor": early.price_minor}
    earned = min(reward_of(early.paid_minor, then.outcome, then.value, decimals, **of_part), early.capped_minor)
    kept = {"reason": then.reason, "rules": [kept_rule(counting[0], asked.version, EARLY_REWARDS)]}
    return Ruled(earned, then.outcome == CREDIT, kept), case


def _facts(early: Early, reward: Reward) -> dict[str, Any]:
    return {
        "days_early": early.days_early,
        "whole_plan": early.whole_plan,
        "method": early.method,
        "paid": early.paid_minor,
        "price": early.price_minor,
        "before": early.before_minor,
        "capped": early.capped_minor,
        "amount": early.plan.captured_minor,
        "plan": early.plan.product.code,
        "customer_days": (reward.at - early.consumer.created_at).days,
        "market": early.plan.product.market_id,
        "state": facts_of_home(early.consumer)["state"],
        **facts_of_classes(early.consumer),
    }
