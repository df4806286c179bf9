"""The kind of rules about shops' fees, and the price of a capture by the shop's terms and these rules."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.classes import CLASS_FACTS, facts_of_classes, groups_of
from accounts.models import Consumer
from checkout.models import Capture, Order
from controls.models import RuleCase
from controls.rule_kinds import RuleKind, Sweep, get_rule_kind, kept_rule
from controls.rules.facts import Fact, FactType
from controls.rules.sets import Finding, Outcome, Place
from controls.rules.trials import Compared
from controls.services import consult_rules
from controls.units import DAYS
from core.clock import local_date
from core.ids import parse_id
from core.money import Money, bps_of, exponent
from merchants.rules import fee_minor
from plans.known import PLANS

FEES = "fees"
WAIVE, PERCENT, FIXED = "waive", "percent", "fixed"
FACTS = (
    Fact("captured", FactType.AMOUNT, _("the captured amount"), _("Of this capture alone."), 249_900),
    Fact("amount", FactType.AMOUNT, _("the amount of the order"), _("What the order costs in all."), 249_900),
    Fact("fee", FactType.AMOUNT, _("the fee by the shop's terms"), _("Of this capture, before rules."), 9_996),
    Fact("fee_fixed", FactType.AMOUNT, _("the fixed part of that fee"), _("0 for a later capture of the same order."), 200),
    Fact("first", FactType.YES, _("the first capture of the order"), _("Only the first one has the fixed part."), True),
    Fact("plan", FactType.TEXT, _("the plan"), _("The code of the chosen product."), "pay_in_4", choices=PLANS),
    Fact("shop_category", FactType.TEXT, _("the category of the shop"), _("As its page has it."), "lamps"),
    Fact(
        "shop_days",
        FactType.WHOLE,
        _("the number of days since the shop began"),
        _("Whole days, 0 on the first."),
        40,
        DAYS,
    ),
    *CLASS_FACTS,
)


class FeeRules(RuleKind):
    """The rules that waive or lower the fee of a capture; each case is a capture."""

    name, title = FEES, _("Fees of shops")
    about = _(
        "Each capture is asked what it costs the shop. Rules waive the fee or lower it, and never ask for more than the shop's terms say."
    )
    facts = FACTS
    outcomes: ClassVar = {
        WAIVE: Outcome(_("Waive the fee"), grave=1),
        PERCENT: Outcome(_("Percentage at most"), value=FactType.SHARE, most=1),
        FIXED: Outcome(_("Fixed part at most"), value=FactType.AMOUNT),
    }
    reasons: ClassVar = {
        "start": _("A new shop"),
        "volume": _("How much the shop sells"),
        "goods": _("The kind of goods"),
        "customer": _("The kind of customer"),
        "fault": _("Making up for a fault"),
        "other": _("Another reason"),
    }
    compared = Compared.BY_NAME
    worth_title = _("Fees change by")
    sweep = Sweep(
        every=_("This version would have lowered the fee of every capture of these months."),
        many=_("This version would have lowered the fee of %(share)s of all captures."),
        none=_("This version would have lowered no fee of these months."),
    )

    def worth_minor(self, facts: Mapping[str, Any], outcome: str, decimals: int) -> int | None:
        """Return the fee that an outcome leaves, in minor units; None for older cases, which do not say the fixed part of the fee."""
        said = {name: value for name, _sep, value in (part.partition(":") for part in outcome.split())}
        fee, fixed, captured = (facts.get(name) for name in ("fee", "fee_fixed", "captured"))
        if WAIVE in said:
            return 0
        if fee is None or fixed is None or captured is None:
            return None
        share = max(fee - fixed, 0)
        if PERCENT in said:
            share = min(share, bps_of(captured, round(float(said[PERCENT]) * 10_000)))
        if FIXED in said:
            fixed = min(fixed, round(float(said[FIXED]) * 10**decimals))
        return int(min(share + fixed, captured))

    def counting(self, findings: Sequence[Finding]) -> list[Finding]:
        """Return the first rule that waives the fee; if none does, the first with a percentage and the first with a fixed part."""
        first = [next((one for one in findings if one.then.outcome == name), None) for name in (WAIVE, PERCENT, FIXED)]
        counting = [one for one in first if one is not None]
        return counting[:1] if first[0] else counting

    def link(self, subject: str) -> str:
        """Return the page of the capture's order."""
        order = Capture.objects.filter(pk=parse_id(Capture.PREFIX, subject)).values_list("order_id", flat=True).first()
        return reverse("admin:checkout_order_change", args=[order]) if order else ""


def price_capture(capture: Capture, plan: str, at: datetime) -> RuleCase:
    """Set the fee of a new capture in minor units, and the rules that lowered it; return the case, which the caller stores.

    `plan` is the code of the order's product. One query.
    """
    order = capture.order
    merchant, decimals = order.merchant, exponent(order.currency)
    consumer = Consumer.objects.only("classes", "time_zone").get(pk=order.consumer_id)
    bps, fixed = merchant.fee_bps, merchant.fee_fixed_minor if capture.part == 1 else 0
    by_terms = fee_minor(amount_minor=capture.amount_minor, bps=bps, fixed_minor=fixed)
    asked, case = consult_rules(
        kind=FEES,
        subject=capture.public_id,
        facts=_facts(capture, plan, by_terms, fixed, consumer, at),
        place=Place(
            merchant.brand_id or "", merchant.market_id, merchant.public_id, groups_of(consumer), local_date(at, consumer.time_zone)
        ),
        amount=Money(capture.amount_minor, order.currency),
        at=at,
    )
    counting = get_rule_kind(FEES).counting(asked.findings)
    said = {one.then.outcome: one.then.value for one in counting}
    bps = 0 if WAIVE in said else min(bps, round(said.get(PERCENT, 1) * 10_000))
    fixed = 0 if WAIVE in said else min(fixed, round(said[FIXED] * 10**decimals)) if FIXED in said else fixed
    capture.fee_minor = fee_minor(amount_minor=capture.amount_minor, bps=bps, fixed_minor=fixed)
    if counting:
        capture.fee_ruled = {"terms_minor": by_terms, "rules": [kept_rule(one, asked.version, FEES) for one in counting]}
    return case


def _facts(capture: Capture, plan: str, by_terms: int, fixed: int, consumer: Consumer, at: datetime) -> dict[str, Any]:
    order: Order = capture.order
    return {
        "captured": capture.amount_minor,
        "amount": order.amount_minor,
        "fee": by_terms,
        "fee_fixed": fixed,
        "first": capture.part == 1,
        "plan": plan,
        "shop_category": order.merchant.category or None,
        "shop_days": (at - order.merchant.created_at).days,
        **facts_of_classes(consumer),
    }
