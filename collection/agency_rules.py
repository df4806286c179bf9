"""The kind of rules that choose the agency of a debt, where several may get it."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.classes import CLASS_FACTS, CUSTOMER_DAYS, STATE_FACT, facts_of_classes, facts_of_home, groups_of
from accounts.models import Consumer
from collection.agencies import ACTIVE_CAUSES
from collection.models import Agency, Placement
from controls.models import RuleCase
from controls.rule_kinds import RuleKind, Sweep, kept_rule
from controls.rules.facts import Fact, FactType
from controls.rules.sets import Finding, Outcome, Place
from controls.rules.trials import Compared
from controls.services import consult_rules
from controls.units import DAYS, POINTS, TIMES
from core.clock import local_date
from core.errors import NotFound
from core.ids import parse_id
from core.money import Money
from core.unreadable import listing
from credit.ruling import LAW_AGAINST_REGIONS
from plans.known import MARKET_FACT
from plans.models import ChargeOff, Plan
from plans.states import ChargeOffStatus

AGENCIES = "agencies"
GETS, NOT, NOBODY = "gets", "not", "nobody"


class Agencies(Mapping[str, str]):
    """The contracts with agencies: public ids mapped to names."""

    def __getitem__(self, code: str) -> str:
        """Return an agency's name; KeyError."""
        try:
            name = Agency.objects.filter(pk=parse_id(Agency.PREFIX, code)).values_list("name", flat=True).first()
        except NotFound:
            name = None
        if name is None:
            raise KeyError(code)
        return name

    def __iter__(self) -> Iterator[str]:
        """Go through the ids."""
        return (one.public_id for one in Agency.objects.order_by("id"))

    def __len__(self) -> int:
        """Return how many there are."""
        return Agency.objects.count()


KNOWN = Agencies()
FACTS = (
    MARKET_FACT,
    Fact("currency", FactType.TEXT, _("the currency"), _("By its code."), "EUR"),
    Fact("amount", FactType.AMOUNT, _("what is open of the debt"), _("Principal, interest and fees."), 17_175),
    Fact("since_days", FactType.WHOLE, _("the number of days since it was given up"), _("0 on the first day."), 30, DAYS),
    Fact("cause", FactType.TEXT, _("why it was given up"), _("As the charge-off says."), "by_day", choices=dict(ChargeOff.REASONS)),
    Fact("before", FactType.TEXT, _("the agency that had it last"), _("Unknown where none had it."), "agy_1", choices=KNOWN),
    Fact("times", FactType.WHOLE, _("how often an agency had it"), _("0 where none had it."), 0, TIMES),
    Fact("usual", FactType.TEXT, _("the agency that would get it without rules"), _("By share and score."), "agy_1", choices=KNOWN),
    Fact("usual_score", FactType.WHOLE, _("the score of the agency that would get it"), _("For its conduct, up to 100."), 97, POINTS),
    CUSTOMER_DAYS,
    STATE_FACT,
    *(replace(fact, forbidden=LAW_AGAINST_REGIONS) if fact.name == "customer_region" else fact for fact in CLASS_FACTS),
)


class AgencyRules(RuleKind):
    """The rules that choose among agencies. Each case is a debt that was placed over all agencies of its market."""

    name, title = AGENCIES, _("Choice of agencies")
    about = _(
        "Where debts are placed over all agencies of a market, these rules say which agency gets a debt, and which does not. Of those that"
        " rules name, the first one by priority gets it whose contract takes it. Where no rule speaks, debts are shared out by what"
        " agencies leave us and by their scores."
    )
    facts = FACTS
    outcomes: ClassVar = {
        GETS: Outcome(_("The debt goes to"), value=FactType.TEXT, choices=KNOWN),
        NOT: Outcome(_("The debt does not go to"), value=FactType.TEXT, choices=KNOWN),
        NOBODY: Outcome(_("No agency gets the debt")),
    }
    reasons: ClassVar = {
        "able": _("It is good at such debts"),
        "may": _("Where it may collect"),
        "conduct": _("How it behaves"),
        "cost": _("Its share"),
        "share": _("A part goes to each"),
        "other": _("Another reason"),
    }
    nothing = _("Shared out as without rules")
    no_rules = _("No rule. All debts are shared out by what agencies leave us and by their scores.")
    followed = _("A rule spoke")
    compared = Compared.EACH
    segment_facts = ("cause", "usual")
    sweep = Sweep(
        every=_("This version would have chosen the agency of every debt of these months."),
        many=_("This version would have chosen the agency of %(share)s of all debts."),
        none=_("This version would have chosen the agency of no debt of these months."),
    )

    def counting(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        """Return what rules say in their order, as far as the first that leaves the debt with us."""
        end = next((place for place, one in enumerate(findings, 1) if one.then.outcome == NOBODY), len(findings))
        return findings[:end]

    def link(self, subject: str) -> str:
        """Return the page of the debt's plan."""
        plan = Placement.objects.filter(pk=parse_id(Placement.PREFIX, subject)).values_list("plan_id", flat=True).first()
        return reverse("admin:plans_plan_change", args=[plan]) if plan else ""


@dataclass(frozen=True, slots=True)
class Debt:
    """A debt to ask rules about: its plan, what is open in minor units, the agencies that may have it, and those that had it before.

    Agencies are public ids; `before` is in the order of the placements. `usual` and its score: who would get it without rules, if anybody.
    """

    plan: Plan
    minor: int
    able: Sequence[str]
    before: Sequence[str]
    usual: str | None
    usual_score: int | None


@dataclass(frozen=True, slots=True)
class Ruled:
    """What rules say of a debt: the agencies among which it is shared out, the rule that said so, and the case.

    `kept` is as `kept_rule`, empty for none. The case is saved by the caller, under the placement that follows (`RuleCase.subject`).
    """

    able: Sequence[str]
    kept: dict[str, Any]
    case: RuleCase


def rule_on_debts(debts: Sequence[Debt], at: datetime) -> dict[uuid.UUID, Ruled]:
    """Return what the rules in force say of debts of one market, by their plans; two queries, however many they are."""
    people = _people({debt.plan.consumer_id for debt in debts})
    given_up = _given_up([debt.plan.pk for debt in debts])
    return {debt.plan.pk: _ask(debt, people[debt.plan.consumer_id], given_up.get(debt.plan.pk), at) for debt in debts}


def _people(keys: set[uuid.UUID]) -> dict[uuid.UUID, Consumer]:
    # What of an address cannot be read is unknown to rules, and keeps nobody else's debt from being placed.
    with listing():
        return {one.pk: one for one in Consumer.objects.filter(pk__in=keys).only("brand", "market", "classes", "address", "created_at")}


def _given_up(plan_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[str, datetime]]:
    found = ChargeOff.objects.filter(plan__in=plan_ids, status=ChargeOffStatus.CONFIRMED, reason__in=ACTIVE_CAUSES).order_by("id")
    return {plan: (reason, closed) for plan, reason, closed in found.values_list("plan_id", "reason", "closed_at") if closed}


def _ask(debt: Debt, person: Consumer, given_up: tuple[str, datetime] | None, at: datetime) -> Ruled:
    plan = debt.plan
    cause, since = given_up or (None, None)
    facts = {
        "market": plan.product.market_id,
        "currency": plan.currency,
        "amount": debt.minor,
        "since_days": (local_date(at, plan.time_zone) - local_date(since, plan.time_zone)).days if since else None,
        "cause": cause,
        "before": debt.before[-1] if debt.before else None,
        "times": len(debt.before),
        "usual": debt.usual,
        "usual_score": debt.usual_score,
        "customer_days": (at - person.created_at).days,
        "state": facts_of_home(person)["state"],
        **facts_of_classes(person),
    }
    asked, case = consult_rules(
        kind=AGENCIES,
        subject="",
        facts=facts,
        place=Place(person.brand_id or "", plan.product.market_id, "", groups_of(person), local_date(at, plan.time_zone)),
        amount=Money(debt.minor, plan.currency),
        at=at,
    )
    able, finding = narrowed(asked.findings, debt.able)
    return Ruled(able, kept_rule(finding, asked.version, AGENCIES) if finding else {}, case)


def narrowed(findings: Sequence[Finding], able: Sequence[str]) -> tuple[Sequence[str], Finding | None]:
    """Return which of the agencies that may have a debt still may by rules in their order, and the rule that decided; None for none.

    A rule that names an agency that may not have it is passed over.
    """
    kept_off = next((one for one in findings if one.then.outcome == NOT and one.then.value in able), None)
    left = [one for one in able if all(other.then.outcome != NOT or other.then.value != one for other in findings)]
    for one in findings:
        if one.then.outcome == NOBODY:
            return (), one
        if one.then.outcome == GETS and one.then.value in left:
            return (one.then.value,), one
    return left, kept_off
