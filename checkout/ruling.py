"""The kinds of rules about orders, offers, limits and fraud, and the facts of an order."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.classes import CLASS_FACTS, CUSTOMER_DAYS, facts_of_classes, groups_of
from accounts.models import Consumer
from checkout.models import Checkout, Order
from checkout.queries import losses_of, orders_by_approval
from checkout.suggested import HOLD, SUGGESTED
from checkout.texts import BUILT_IN
from controls.queries import find_rules
from controls.rule_kinds import Consequence, RuleKind, Sweep, name_shown
from controls.rules.facts import Fact, FactType, share_of
from controls.rules.sets import Outcome, Place
from controls.units import DUES, PIECES, POINTS
from core.clock import local_date
from core.ids import parse_id
from credit.bank_facts import BANK_FACTS, facts_of_bank
from credit.grading import GradeRules
from credit.models import Decision
from credit.overruling import OverruleRules
from credit.rules.safety import HOLD as BY_FRAUD
from credit.rules.safety import Assessed
from credit.ruling import LimitRules
from fraud.purchases import Device, Purchase
from fraud.ruling import FRAUD, FraudRules
from payments.models import PaymentMethod
from payments.services import Asker, count_declined
from plans.queries import Quote

ORDERS = "orders"
_FIRST = _("Whole days, 0 on the first.")

FACTS = (
    Fact("amount", FactType.AMOUNT, _("the amount of the order"), _("What the order costs in all."), 249_900),
    Fact("first_payment", FactType.AMOUNT, _("the first payment"), _("What is paid when the order ships; 0 where nothing is."), 62_475),
    Fact("plan", FactType.TEXT, _("the plan"), _("The code of the chosen product."), "pay_in_4"),
    Fact("pieces", FactType.WHOLE, _("the number of pieces"), _("All pieces of all items of the basket."), 3, PIECES),
    Fact("most_pieces", FactType.WHOLE, _("the largest quantity of one item"), _("Of all items of the basket."), 2, PIECES),
    Fact("dearest", FactType.AMOUNT, _("the price of the dearest piece"), _("The largest price of one piece."), 149_900),
    Fact("categories", FactType.TEXTS, _("the categories of the goods"), _("The categories that the shop names, each once."), ["phones"]),
    Fact("shop", FactType.TEXT, _("the shop"), _("The shop's id."), "mer_aaaaaaaaaaaaaaaaaaaaaaaaaa"),
    Fact("hour", FactType.WHOLE, _("the hour of the day"), _("The hour at the person's place, from 0 to 23."), 14),
    Fact("weekday", FactType.WHOLE, _("the day of the week"), _("At the person's place: 1 is Monday, 7 is Sunday."), 5),
    CUSTOMER_DAYS,
    Fact("paid_on_time", FactType.WHOLE, _("the number of installments paid on time"), _("With us, of all plans so far."), 12, DUES),
    Fact("paid_late", FactType.WHOLE, _("the number of installments paid late"), _("With us, of all plans so far."), 0, DUES),
    Fact("overdue", FactType.WHOLE, _("the number of installments overdue now"), _("With us, at the time of the decision."), 0, DUES),
    Fact("score", FactType.WHOLE, _("the score of the credit decision"), _("More points mean less risk."), 640, POINTS),
    Fact("limit", FactType.AMOUNT, _("the person's limit"), _("As the credit decision set it."), 1_500_000),
    Fact("used", FactType.SHARE, _("the used share of the limit"), _("Before this order; more than 1 is possible after a cut."), 0.25),
    Fact("thin_file", FactType.YES, _("the bureau knows little of the person"), _("The bureau's report has hardly any accounts."), False),
    *BANK_FACTS,
    *CLASS_FACTS,
)


class OrderRules(RuleKind):
    """The rules that hold an order until two people have looked at it."""

    name, title = ORDERS, _("Held orders")
    about = _("Each order is asked when a person agrees to a plan. Where a rule holds, two people decide about it.")
    facts = FACTS
    outcomes = {HOLD: Outcome(_("Hold for two people"), grave=1)}
    suggested: ClassVar[Mapping[str, Any]] = SUGGESTED
    reasons = {
        "unusual": _("Unusual for the person"),
        "resold": _("Easily resold goods"),
        "large": _("A large amount"),
        "new_customer": _("A new customer"),
        "other": _("Another reason"),
    }
    sweep = Sweep(
        every=_("This version would have held every order of these months."),
        many=_("This version would have held %(share)s of all orders. Look at the rules that held most often before you propose it."),
        none=_("This version would have held no order of these months."),
    )

    def link(self, subject: str) -> str:
        """Return the order's page."""
        return reverse("admin:checkout_order_change", args=[parse_id(Order.PREFIX, subject)])

    def consequences(self, subjects: Sequence[str]) -> Mapping[str, Consequence]:
        """Return the amount of each order's plan that is overdue or was written off."""
        ids = {parse_id(Order.PREFIX, subject): subject for subject in subjects}
        return {ids[key]: Consequence(lost) for key, lost in losses_of(list(ids)).items()}


class ApplicationRules(GradeRules):
    """The rules about grades, with the losses on the purchases that followed."""

    def consequences(self, subjects: Sequence[str]) -> Mapping[str, Consequence]:
        """Return the amount of the plan of each decision's order that is overdue or was written off."""
        ids = {parse_id(Decision.PREFIX, subject): subject for subject in subjects}
        return _losses_by(ids, "decision_id")


class DecisionRules(LimitRules):
    """The rules about limits, with the losses on the purchases that followed."""

    def consequences(self, subjects: Sequence[str]) -> Mapping[str, Consequence]:
        """Return the amount of the plan of each decision's order that is overdue or was written off."""
        ids = {parse_id(Decision.PREFIX, subject): subject for subject in subjects}
        return _losses_by(ids, "decision_id")


class ApprovalRules(OverruleRules):
    """The rules about overruled refusals, with the losses on the purchases that were approved in spite of them."""

    def consequences(self, subjects: Sequence[str]) -> Mapping[str, Consequence]:
        """Return the amount of the plans of the purchases that each overruled decision let pass that is overdue or was written off."""
        ids = {parse_id(Decision.PREFIX, subject): subject for subject in subjects}
        orders = orders_by_approval(list(ids))
        found: Counter[str] = Counter()
        for order, lost in losses_of(list(orders)).items():
            found[ids[orders[order]]] += lost
        return {subject: Consequence(lost) for subject, lost in found.items()}


class PurchaseRules(FraudRules):
    """The rules about fraud in attempts to buy; each case is a checkout."""

    def link(self, subject: str) -> str:
        """Return the checkout's page."""
        return reverse("admin:checkout_checkout_change", args=[parse_id(Checkout.PREFIX, subject)])

    def consequences(self, subjects: Sequence[str]) -> Mapping[str, Consequence]:
        """Return the amount of the plan of each checkout's order that is overdue or was written off."""
        ids = {parse_id(Checkout.PREFIX, subject): subject for subject in subjects}
        return _losses_by(ids, "checkout_id")


def _losses_by(ids: Mapping[uuid.UUID, str], column: str) -> dict[str, Consequence]:
    """Return the losses on orders by the subject that they come from; `column` of the order refers to one of `ids`."""
    orders = dict(Order.objects.filter(**{f"{column}__in": ids}).values_list("id", column))
    return {ids[orders[key]]: Consequence(lost) for key, lost in losses_of(list(orders)).items()}


def purchase_of(
    checkout: Checkout, consumer: Consumer, method: PaymentMethod | None, *, asker: Asker, device: Device, network: str, at: datetime
) -> Purchase:
    """Return an attempt to buy as input of the assessment, without a card before one is chosen; one query."""
    decision = checkout.decision
    bureau = (decision.inputs.get("bureau") or {}) if decision else {}
    return Purchase(
        subject=checkout.public_id,
        consumer=consumer,
        merchant=checkout.merchant.public_id,
        amount_minor=checkout.amount_minor,
        currency=checkout.currency,
        items=checkout.items,
        told=checkout.customer if isinstance(checkout.customer, Mapping) else {},
        limit_minor=decision.limit_minor if decision else None,
        thin_file=bureau.get("thin"),
        card=method.known_as if method else "",
        card_since=method.created_at if method else None,
        declined=count_declined(consumer=consumer, asker=asker, at=at),
        device=device,
        network=network,
    )


def fraud_rules_of(decision: Decision) -> list[Mapping[str, Any]]:
    """Return the rules about fraud for which a decision has people look, as kept with it."""
    found = Assessed.from_json(decision.inputs.get("safety"))
    return list(found.rules) if found and found.says == BY_FRAUD else []


def place_of(checkout: Checkout, consumer: Consumer, at: datetime) -> Place:
    """Return the brand, market and shop of an order, to which rules can be limited."""
    merchant = checkout.merchant
    return Place(merchant.brand_id or "", merchant.market_id, merchant.public_id, groups_of(consumer), local_date(at, consumer.time_zone))


def facts_of(checkout: Checkout, consumer: Consumer, decision: Decision, quote: Quote, at: datetime) -> dict[str, Any]:
    """Return the facts of an order that is about to be made; None for unknown facts. They do not name the person or the goods."""
    return {
        **purchase_facts(checkout, consumer, decision, at),
        "first_payment": quote.installments[0].amount_minor if quote.first_now else 0,
        "plan": quote.product.code,
    }


def purchase_facts(checkout: Checkout, consumer: Consumer, decision: Decision, at: datetime) -> dict[str, Any]:
    """Return the facts of a purchase before a plan is chosen; like `facts_of`."""
    inputs, there = decision.inputs, at.astimezone(ZoneInfo(consumer.time_zone))
    history, bureau = inputs.get("history") or {}, inputs.get("bureau") or {}
    bought = [item for item in checkout.items if item["amount"] > 0]
    return {
        "amount": checkout.amount_minor,
        "pieces": sum(item["quantity"] for item in bought) if bought else None,
        "most_pieces": max((item["quantity"] for item in bought), default=None),
        "dearest": max((item["unit_amount"] for item in bought), default=None),
        "categories": sorted({item["category"] for item in bought if item.get("category")}),
        "shop": checkout.merchant.public_id,
        "hour": there.hour,
        "weekday": there.isoweekday(),
        "customer_days": (at - consumer.created_at).days,
        "paid_on_time": history.get("paid_on_time"),
        "paid_late": history.get("paid_late"),
        "overdue": history.get("overdue_now"),
        "score": decision.score,
        "limit": decision.limit_minor,
        "used": share_of(inputs["used_minor"], decision.limit_minor) if "used_minor" in inputs else None,
        "thin_file": bureau.get("thin"),
        **facts_of_bank(inputs.get("banked")),
        **facts_of_classes(consumer),
    }


def rules_that_hold() -> dict[str, str]:
    """Return the names of all rules that can hold an order, by `rules.Cause.key`: the built-in ones and operators' rules in force.

    A query for each of the two kinds.
    """
    known = {key: str(title) for key, title in BUILT_IN.items()}
    for kind in (ORDERS, FRAUD):
        version = find_rules(kind)
        for rule in version.content.get("rules", ()) if version else ():
            lines = [rule, *rule.get("rows", ()), *rule.get("steps", ())]
            if any(line.get("then", {}).get("outcome") == HOLD for line in lines):
                known[f"{kind}:{rule['id']}"] = name_shown(rule["name"])
    return known
