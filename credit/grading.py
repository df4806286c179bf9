"""Rules about grades: which share of a month's income points or a probability give, who is refused, and what a person looks at."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.classes import place_of_person
from accounts.models import Consumer
from controls.models import RuleCase
from controls.rule_kinds import RuleKind, Sweep, get_rule_kind, kept_rule
from controls.rules.facts import Fact, FactType, share_of
from controls.rules.sets import Finding, Outcome, Place
from controls.services import consult_rules
from controls.services.ruling import rules_then
from controls.units import POINTS
from core.ids import parse_id
from core.money import Money
from credit.models import Decision
from credit.reasons import SENTENCES
from credit.rules import Inputs, is_graded, score_of
from credit.rules.grades import Grade
from credit.ruling import FACTS as OF_LIMITS
from credit.ruling import TOLD, facts_of_file
from credit.shipped import GRADES_SHIPPED

GRADES = "grades"
REFER, REFUSE, COUNTED = "refer", "refuse", "counted"
LETTERS = {f"grade_{letter.lower()}": letter for letter in "ABCDE"}
_ELSEWHERE = frozenset({"limit", "used", "score", "customer_days", "customer_region"})
"""Facts of rules about limits that are not known yet, that have other names here, or that are about the account."""
FACTS = (
    Fact("by_model", FactType.YES, _("a model decides"), _("A champion or challenger decides; else the points do."), False),
    Fact("points", FactType.WHOLE, _("the points of the scorecard"), _("From 0 to 940; more points mean less risk."), 640, POINTS),
    Fact(
        "used_to_income",
        FactType.SHARE,
        _("what is in use, as a share of a month's income left"),
        _("Before this order, in all currencies and with all brands; more than 1 is possible."),
        0.4,
    ),
    *(fact for fact in OF_LIMITS if fact.name not in _ELSEWHERE and not fact.name.startswith("customer_")),
)


class GradeRules(RuleKind):
    """Rules that grade an application: a refusal goes first, then the first grade counts; no grade refuses. Each case is a decision."""

    name, title = GRADES, _("Grades and cut-offs")
    about = _(
        "Each credit decision is asked, unless something refuses it by itself or two people set the limit. The first rule with a grade"
        " gives the share of a month's income that the limit may be. Without a grade it is refused."
    )
    facts = FACTS
    idle: ClassVar[str] = REFUSE
    nothing = _("Refuse, without a grade")
    no_rules = _("No rule. Every application is refused.")
    followed = _("Got a grade")
    outcomes: ClassVar = {
        "grade_a": Outcome(_("Grade A, of a month's income"), grave=1, value=FactType.SHARE, most=1),
        "grade_b": Outcome(_("Grade B, of a month's income"), grave=1, value=FactType.SHARE, most=1),
        "grade_c": Outcome(_("Grade C, of a month's income"), grave=1, value=FactType.SHARE, most=1),
        "grade_d": Outcome(_("Grade D, of a month's income"), grave=1, value=FactType.SHARE, most=1),
        "grade_e": Outcome(_("Grade E, of a month's income"), grave=1, value=FactType.SHARE, most=1),
        REFER: Outcome(_("A person looks at it"), grave=2),
        REFUSE: Outcome(_("Refuse"), grave=3),
    }
    reasons: ClassVar = {COUNTED: _("No reason of its own"), **{code: _(SENTENCES[code]) for code in TOLD}}
    shipped: ClassVar[Mapping[str, Any]] = GRADES_SHIPPED
    worth_title = _("Limits change by")
    sweep = Sweep(
        every=_("This version would have graded every application of these months otherwise."),
        many=_("This version would have graded %(share)s of all applications otherwise."),
        none=_("This version would have graded no application of these months otherwise."),
        counts_others=True,
    )

    @property
    def counts_values(self) -> bool:
        """Another share of the same grade is another answer."""
        return True

    def worth_minor(self, facts: Mapping[str, Any], outcome: str, decimals: int) -> int | None:
        """Return the limit that an outcome gives, before it is rounded, in minor units; 0 for a refusal."""
        income = facts.get("income_left")
        shares = [float(value) for name, _sep, value in (part.partition(":") for part in outcome.split()) if name in LETTERS]
        return None if income is None else income * round(shares[0] * 10_000) // 10_000 if shares else 0

    def counting(self, findings: Sequence[Finding]) -> list[Finding]:
        """Return the first refusal alone; or the first grade, and the first rule that has a person look at it."""
        refused = [one for one in findings if one.then.outcome == REFUSE]
        if refused:
            return refused[:1]
        graded = [one for one in findings if one.then.outcome in LETTERS]
        return graded and [graded[0], *[one for one in findings if one.then.outcome == REFER][:1]]

    def link(self, subject: str) -> str:
        """Return the decision's page."""
        return reverse("admin:credit_decision_change", args=[parse_id(Decision.PREFIX, subject)])


def consult_grades(consumer: Consumer, decision: Decision, inputs: Inputs, at: datetime) -> tuple[Inputs, RuleCase | None]:
    """Ask the rules in force for the grade of a decision that is about to be made; `inputs` have what models said.

    Return the inputs with the grade, None if no version is in force, and the case for the caller to save, None if the grade does not count.
    Makes no query.
    """
    if inputs.bureau is None:
        return inputs.but(grade=None), None
    place = place_of_person(consumer, at)
    asked, case = consult_rules(
        kind=GRADES,
        subject=decision.public_id,
        facts=facts_of(inputs),
        place=place,
        amount=Money(inputs.amount_minor, decision.currency),
        at=at,
    )
    grade = _grade(asked.findings, asked.version, place) if asked.version else None
    return inputs.but(grade=grade), case if is_graded(inputs) else None


def regraded(inputs: Inputs) -> Inputs:
    """Return inputs with the grade by the same version of the rules, which is the same unless facts were changed.

    Makes a query for a version that this process has not cached.
    """
    grade = inputs.grade
    if grade is None or not grade.place or inputs.bureau is None:
        return inputs
    there = grade.place
    place = Place(there["brand"], there["market"], "", tuple(there["groups"]), date.fromisoformat(there["on"]))
    return graded_by(inputs, grade.version, place)


def graded_by(inputs: Inputs, version: int, place: Place) -> Inputs:
    """Return inputs of somebody with a report, with the grade by a version of the rules at a place; NotFound for an unknown version."""
    answer = rules_then(GRADES, version).ask(facts_of(inputs), place, exponent=inputs.exponent)
    return replace(inputs, grade=_grade(answer.findings, version, place))


def facts_of(inputs: Inputs) -> dict[str, Any]:
    """Return the facts for the rules, from the inputs alone, so that they can be asked again; nothing in them identifies the person."""
    bureau = inputs.bureau
    if bureau is None:
        raise ValueError("a grade is given with a bureau's report")
    said = inputs.risk.deciding if inputs.risk else None
    return {
        "by_model": said is not None,
        "points": score_of(bureau, inputs.history)[0],
        "used_to_income": share_of(inputs.used_minor, max(0, bureau.disposable_income_minor)),
        **facts_of_file(inputs, bureau),
    }


def _grade(findings: Sequence[Finding], version: int, place: Place) -> Grade:
    counting = get_rule_kind(GRADES).counting(findings)
    then = {one.then.outcome: one.then for one in counting}
    letter, share = next(((LETTERS[name], one.value) for name, one in then.items() if name in LETTERS), ("", 0))
    reason = then[REFUSE].reason if REFUSE in then else ""
    return Grade(
        name=letter,
        share_bps=round(share * 10_000),
        refers=REFER in then,
        reason="" if reason == COUNTED else reason,
        version=version,
        rules=[kept_rule(one, version, GRADES) for one in counting],
        place={"brand": place.brand, "market": place.market, "groups": list(place.groups), "on": place.on.isoformat()},
    )
