"""The kind of rules that give people their classes: its facts and outcomes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.classes import AREA_FACT, CUSTOMER_DAYS, STATE_FACT, Classes, facts_of_home
from accounts.models import Consumer, CustomerClass
from accounts.queries import ACCOUNTS
from accounts.states import Identity
from checkout.shipped import SHIPPED
from checkout.states import ORDER_MADE
from controls.rule_kinds import RuleKind, Sweep
from controls.rules.facts import Fact, FactType
from controls.rules.sets import Finding, Outcome
from controls.rules.trials import Compared
from controls.units import DUES, ORDERS, PLANS, POINTS
from core.clock import local_date
from core.db import rows
from core.ids import parse_id
from core.states import words
from plans.known import MARKET_FACT, ON_TIME_SINCE
from plans.queries import repayment_counts
from plans.records import Conduct, conducts_of
from plans.states import PlanStatus

CUSTOMERS = "customers"
YEAR = timedelta(days=365)

FACTS = (
    MARKET_FACT,
    AREA_FACT,
    STATE_FACT,
    CUSTOMER_DAYS,
    Fact("verified", FactType.YES, _("the identity is verified"), _("An identity check confirmed the person."), True),
    Fact("orders", FactType.WHOLE, _("the number of orders so far"), _("Authorized or captured, in all shops."), 7, ORDERS),
    Fact("bought", FactType.AMOUNT, _("what the person bought in 12 months"), _("In the currency of their market."), 1_249_900),
    Fact("plans_paid", FactType.WHOLE, _("the number of plans paid in full"), _("With us, so far."), 4, PLANS),
    Fact("plans_lost", FactType.WHOLE, _("the number of plans given up as lost"), _("With us, so far."), 0, PLANS),
    Fact("paid_on_time", FactType.WHOLE, _("the number of installments paid on time"), _("With us, of all plans so far."), 12, DUES),
    Fact("paid_late", FactType.WHOLE, _("the number of installments paid late"), _("With us, of all plans so far."), 0, DUES),
    Fact("late_12m", FactType.WHOLE, _("the number of installments late in 12 months"), _("Paid late or late now, with us."), 0, DUES),
    ON_TIME_SINCE,
    Fact("overdue", FactType.WHOLE, _("the number of installments overdue now"), _("With us, at this moment."), 0, DUES),
    Fact("score", FactType.WHOLE, _("the score of the last credit decision"), _("More points mean less risk."), 640, POINTS),
)


class CustomerRules(RuleKind):
    """The rules that give people their classes: if several rules of one axis hold, the first one counts."""

    name, title = CUSTOMERS, _("Customer classes")
    about = _("Each person is asked when they buy, pay, are late or are identified. The first rule that holds on an axis gives the class.")
    facts = FACTS
    outcomes: ClassVar = {axis: Outcome(title, value=FactType.TEXT, choices=Classes(axis)) for axis, title in CustomerClass.AXES.items()}
    reasons: ClassVar = {
        "history": _("How the person has paid"),
        "activity": _("How much the person buys"),
        "place": _("Where the person lives"),
        "other": _("Another reason"),
    }
    shipped: ClassVar[Mapping[str, Any]] = SHIPPED
    compared = Compared.BY_NAME
    sweep = Sweep(
        every=_("This version would have given every person of these months another class."),
        many=_("This version would have given %(share)s of all people another class."),
        none=_("This version would have given nobody of these months another class."),
        counts_others=True,
    )

    def counting(self, findings: Sequence[Finding]) -> list[Finding]:
        """Return the first rule on each axis."""
        first: dict[str, Finding] = {}
        for one in findings:
            first.setdefault(one.then.outcome, one)
        return [first[axis] for axis in self.outcomes if axis in first]

    def link(self, subject: str) -> str:
        """Return the person's page."""
        return reverse("admin:accounts_consumer_change", args=[parse_id(Consumer.PREFIX, subject)])


# Orders, what was bought in a year, plans paid and lost, and the last score; OFFSET 0 finds a person's few decisions before sorting them.
_PERSON = f"""
    WITH mine AS MATERIALIZED ({ACCOUNTS})
    SELECT o.made, o.bought, p.paid, p.lost, (
        SELECT score FROM (SELECT id, score FROM credit_decision WHERE consumer_id IN (SELECT id FROM mine) OFFSET 0) AS d
        ORDER BY id DESC LIMIT 1)
    FROM (
        SELECT count(*) AS made,
            coalesce(sum(amount_minor) FILTER (WHERE currency = %(currency)s AND created_at > %(since)s), 0)::bigint AS bought
        FROM checkout_order WHERE status IN ({words(ORDER_MADE)}) AND consumer_id IN (SELECT id FROM mine)
    ) AS o, (
        SELECT count(*) FILTER (WHERE status = '{PlanStatus.COMPLETED}') AS paid,
            count(*) FILTER (WHERE status = '{PlanStatus.CHARGED_OFF}') AS lost
        FROM plans_plan WHERE consumer_id IN (SELECT id FROM mine)
    ) AS p"""  # noqa: S608  (states)


def person_facts(consumer: Consumer, at: datetime) -> dict[str, Any]:
    """Return the facts of a person over all their accounts; None for unknown facts. They do not identify the person. 4 queries."""
    given = {"holder": consumer.holder_id, "currency": consumer.market.currency, "since": at - YEAR}
    ((orders, bought, plans_paid, plans_lost, score),) = rows(_PERSON, given)
    on_time, late, overdue = repayment_counts(consumer.holder_id)
    today = local_date(at, consumer.time_zone)
    conduct = conducts_of([consumer.holder_id], today).get(consumer.holder_id, Conduct(today))
    return {
        "market": consumer.market_id,
        **facts_of_home(consumer),
        "customer_days": (at - consumer.created_at).days,
        "verified": consumer.identity == Identity.VERIFIED,
        "orders": orders,
        "bought": bought,
        "plans_paid": plans_paid,
        "plans_lost": plans_lost,
        "paid_on_time": on_time,
        "paid_late": late,
        "late_12m": conduct.late_in_year(),
        "on_time_since": conduct.on_time_since(),
        "overdue": overdue,
        "score": score,
    }
