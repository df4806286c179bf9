"""The kind of rules about the accounts of late people: may they buy, with which part of their limit, and how are they written to."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.classes import CLASS_FACTS, CUSTOMER_DAYS, facts_of_classes
from accounts.models import Consumer
from accounts.queries import ACCOUNTS
from collection.arrears import BUCKET_OF, CREDIT, NAMES
from collection.models import Reminder
from controls.rule_kinds import RuleKind, Sweep, kept_rule, shipped_rule
from controls.rules.facts import Fact, FactType
from controls.rules.sets import Finding, Outcome
from controls.rules.trials import Compared
from controls.units import DAYS as UNIT_DAYS
from controls.units import PLANS
from core.db import rows
from core.ids import parse_id
from credit.ruling import LAW_AGAINST_REGIONS
from plans.known import MARKET_FACT
from plans.late import late_or
from plans.rules.arrears import CURRENT, WORST, bucket_of
from plans.states import InstallmentStatus

BEHAVIORS = "behaviors"
STOP, BUY, FACTOR, TONE = "stop", "buy", "factor", "tone"


class Buckets(Mapping[str, str]):
    """The buckets of days past due with their words in the current language."""

    def __getitem__(self, name: str) -> str:
        """Return a bucket's words; KeyError."""
        if name not in NAMES:
            raise KeyError(name)
        if name == CURRENT:
            return gettext("Due today")
        if name == WORST:
            return gettext("%(days)s days late or more") % {"days": name.removesuffix("+")}
        return gettext("%(days)s days late") % {"days": name.replace("-", "–")}

    def __iter__(self) -> Iterator[str]:
        """Go through the buckets, from current to the worst."""
        return iter(NAMES)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(NAMES)


CHANGING = frozenset({"days_late", "late", "customer_days"})
"""Facts that change while a person stays in a bucket: only rules that read them are asked each day."""
FACTS = (
    Fact(
        "bucket",
        FactType.TEXT,
        _("how late the person is"),
        _("By the oldest late payment, in all their accounts."),
        "4-30",
        choices=Buckets(),
    ),
    Fact("days_late", FactType.WHOLE, _("the number of days late"), _("Of the oldest late payment; 0 on its due date."), 12, UNIT_DAYS),
    Fact("late", FactType.AMOUNT, _("what is late"), _("With fees, in the currency of their market."), 5_725),
    Fact("late_plans", FactType.WHOLE, _("the number of plans with a late payment"), _("In all accounts of the person."), 1, PLANS),
    Fact("promised", FactType.YES, _("a payment of it is promised"), _("The promise waits for its day."), False),
    Fact(
        "hardship",
        FactType.YES,
        _("it had help for who cannot pay"),
        _("A plan with a late payment had a pause or smaller payments."),
        False,
    ),
    CUSTOMER_DAYS,
    MARKET_FACT,
    *(replace(fact, forbidden=LAW_AGAINST_REGIONS) if fact.name == "customer_region" else fact for fact in CLASS_FACTS),
)
SHIPPED: dict[str, Any] = {
    "rules": [shipped_rule("late-stops", "Late now", 10, "late_plans >= 1", STOP, "late")],
    "examples": [{"name": "Two days late", "facts": {"bucket": "1-3", "days_late": 2, "late_plans": 1}, "expects": [STOP]}],
}
"""What always held: who is late buys nothing more, and is written to as the market's steps of reminding say."""


class BehaviorRules(RuleKind):
    """The rules about accounts of late people: the first about purchases counts, and so do those about the limit and the tone."""

    name, title = BEHAVIORS, _("Accounts of late people")
    about = _(
        "Each person with a late payment is asked at the close of a day, and when they pay. The first rule that says whether they may buy"
        " counts, and so does the first about their limit and about the tone of reminders. Where none says that they may buy, they may not."
        " It ends with the payment of what is late."
    )
    facts = FACTS
    outcomes: ClassVar = {
        STOP: Outcome(_("New purchases are stopped"), grave=1),
        BUY: Outcome(_("New purchases go on")),
        FACTOR: Outcome(_("Part of the limit that is left"), value=FactType.SHARE, most=1),
        TONE: Outcome(_("Reminders are written"), value=FactType.TEXT, choices=dict(Reminder.TONES)),
    }
    reasons: ClassVar = {
        "late": _("Something is late"),
        "long_late": _("Something is late for long"),
        "history": _("How the person has paid"),
        "other": _("Another reason"),
    }
    shipped: ClassVar[Mapping[str, Any]] = SHIPPED
    compared = Compared.BY_NAME
    usual = STOP
    nothing = _("New purchases are stopped")
    sweep = Sweep(
        every=_("This version would have done something else with every account of these months."),
        many=_("This version would have done something else with %(share)s of all accounts."),
        none=_("This version would have done the same with all accounts of these months."),
        counts_others=True,
    )

    def counting(self, findings: Sequence[Finding]) -> list[Finding]:
        """Return the first rule about purchases, about the limit and about the tone."""
        first: dict[str, Finding] = {}
        for one in findings:
            first.setdefault(STOP if one.then.outcome == BUY else one.then.outcome, one)
        return list(first.values())

    def link(self, subject: str) -> str:
        """Return the person's page."""
        return reverse("admin:accounts_consumer_change", args=[parse_id(Consumer.PREFIX, subject)])


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late a person is in all their accounts: plans, days of the oldest, and what is late in the market's currency (minor units)."""

    plans: int
    days: int
    late_minor: int
    promised: bool
    hardship: bool


# As decisions do it, what is late is all that is overdue, of plans that were given up too.
_LATENESS = f"""
    SELECT count(DISTINCT p.id), coalesce(max(greatest(0, %(day)s - i.due_date - i.paused_days)), 0),
        coalesce(sum({CREDIT} + i.fees_minor - i.paid_fees_minor) FILTER (WHERE p.currency = %(currency)s), 0)::bigint,
        coalesce(bool_or(p.promised_until >= %(day)s), false),
        coalesce(bool_or(EXISTS (SELECT 1 FROM plans_hardship h WHERE h.plan_id = p.id)), false)
    FROM plans_plan p JOIN plans_installment i ON i.plan_id = p.id
    WHERE i.status = '{InstallmentStatus.OVERDUE}' AND p.consumer_id IN ({ACCOUNTS})"""  # noqa: S608  (words of our own)


def lateness_of(consumer: Consumer, day: date) -> Lateness:
    """Return how late a person is on a day; one query."""
    told = {"day": day, "holder": consumer.holder_id, "currency": consumer.market.currency}
    return Lateness(*rows(_LATENESS, told)[0])


def facts_of(consumer: Consumer, late: Lateness, at: datetime) -> dict[str, Any]:
    """Return the facts of a late person for the rules; they do not identify the person. No query."""
    return {
        "bucket": bucket_of(late.days),
        "days_late": late.days,
        "late": late.late_minor,
        "late_plans": late.plans,
        "promised": late.promised,
        "hardship": late.hardship,
        "customer_days": (at - consumer.created_at).days,
        "market": consumer.market_id,
        **facts_of_classes(consumer),
    }


def behavior_by(findings: Sequence[Finding], version: int, bucket: str) -> dict[str, Any]:
    """Return what an account stores of the rules that count for it; `buys` is missing where it may not buy."""
    by = {one.then.outcome: one for one in findings}
    told: dict[str, Any] = {"bucket": bucket, "version": version, "rules": [kept_rule(one, version, BEHAVIORS) for one in findings]}
    reasons = [one.then.reason for one in findings if one.then.outcome in {STOP, BUY}]
    told |= {"reason": reasons[0]} if reasons else {}
    told |= {"buys": True} if BUY in by else {}
    told |= {"factor_bps": round(by[FACTOR].then.value * 10_000)} if FACTOR in by else {}
    return told | ({"tone": by[TONE].then.value} if TONE in by else {})


_NOTED = """
    SELECT p.id FROM accounts_consumer c JOIN plans_plan p ON p.consumer_id = c.id
    WHERE c.behavior <> '{}'::jsonb AND p.time_zone = %s AND p.id > %s::uuid ORDER BY p.id LIMIT %s"""
_TODAY = "(%(at)s AT TIME ZONE p.time_zone)::date"
MOVED = f"""
    WITH who AS (SELECT DISTINCT consumer_id FROM plans_plan WHERE id = ANY(%(plans)s::uuid[])),
    now AS (
        SELECT who.consumer_id, l.days FROM who LEFT JOIN LATERAL (
            SELECT max(greatest(0, {_TODAY} - i.due_date - i.paused_days)) AS days
            FROM plans_plan p JOIN plans_installment i ON i.plan_id = p.id
            WHERE p.consumer_id = who.consumer_id AND i.status = '{InstallmentStatus.OVERDUE}') l ON true)
    SELECT c.id FROM now JOIN accounts_consumer c ON c.id = now.consumer_id
    WHERE CASE WHEN now.days IS NULL THEN c.behavior <> '{{}}'::jsonb AND c.person_id IS NULL
        ELSE %(all)s OR c.behavior ->> 'bucket' IS DISTINCT FROM {BUCKET_OF.format("now.days")}
            OR (c.behavior ->> 'version')::int IS DISTINCT FROM %(version)s END
    ORDER BY c.id"""  # noqa: S608  (words of our own)
"""SQL: the accounts of the people of some plans whose bucket is another than that for which rules were asked last, or by other rules."""


def find_late_or_behaving(*, zone: str, day: date, after: uuid.UUID | None, limit: int) -> Sequence[uuid.UUID]:
    """Return a zone's plans that are late by a day, and those of people for whom rules were asked, past a key, in order; two queries."""
    return late_or(_NOTED, zone=zone, day=day, after=after, limit=limit)
