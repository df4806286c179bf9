"""Rules about grades: the shipped ones equal the built-in table, and operators' own are kept with decisions, replayed, and tried."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.events import ConsumerErased
from checkout.handlers import on_consumer_erased
from controls import services as controls
from controls.models import RuleCase, RuleTrial
from controls.queries import get_rules
from controls.rule_kinds import Consequence, get_rule_kind, language_of
from controls.rules.reading import read_set
from controls.rules.sets import Place
from controls.services.ruling import examples_that_fail, forget_rules
from controls.services.shipping import ship_rules
from core.db import execute
from core.money import Money
from credit import rules, services
from credit.assessing import asked_today, assessor, consult_again
from credit.grading import GRADES, _grade, facts_of
from credit.helping import what_helps
from credit.models import Decision, LimitReview
from credit.replaying import replay, replay_review
from credit.rules import Inputs
from credit.rules.grades import GRADES_1, RISK_GRADES, Risk, Said, built_in
from credit.scoring import ask_models
from operations.ruling.trials import facts_of as facts_of_trial
from tests.credit.conftest import AT
from tests.credit.models import give, make_model
from tests.credit.test_decisions import statements
from tests.credit.test_models_decide import records
from tests.credit.test_rules import any_inputs, inputs
from tests.operators import make_operator

PLACE = Place("", "US", "", (), AT.date())
US = {"scope": {"market": "US"}}
database = pytest.mark.django_db


@pytest.fixture
def rita(db):
    return make_operator("rita@kvart.example", may=["propose_rules"])


@pytest.fixture
def publish(rita, at):
    """Give a function that puts rules in force by two people, and returns the version."""
    paul = make_operator("paul@kvart.example", may=["approve_rules"])

    def run(*rules_of, kind=GRADES):
        made = controls.start_draft(kind=kind, user=rita, at=at)
        content = {"rules": list(rules_of), "examples": []}
        controls.change_draft(kind=kind, number=made.number, revision=0, content=content, user=rita, at=at)
        proposal = controls.propose_rules(kind=kind, number=made.number, reason="New", starts_on=None, user=rita, at=at)
        controls.approve_proposal(proposal_id=proposal, user=paul, at=at)
        return get_rules(kind, made.number)

    return run


@pytest.fixture
def shipped(db):
    ship_rules()
    forget_rules()


def rule(key, outcome, value=None, *, when="true", reason="counted", **more):
    then = {"outcome": outcome, "reason": reason} | ({} if value is None else {"value": value})
    return {"id": key, "name": key.title(), "when": when, "then": then} | more


def by_shipped(case: Inputs):
    kind = get_rule_kind(GRADES)
    answer = read_set(kind.shipped, kind.terms, language_of(GRADES)).ask(facts_of(case), PLACE, exponent=case.exponent)
    return _grade(answer.findings, 1, PLACE)


def said(ppm: int) -> Risk:
    return Risk("champion", {"champion": Said("mdl_1", "own 1", "boosted", ppm)})


EDGES = [ppm + near for ppm, _grade_, _share in RISK_GRADES for near in (-1, 0, 1)]


@given(any_inputs.filter(lambda one: one.bureau is not None), st.none() | st.sampled_from(EDGES) | st.integers(0, 10**6))
def test_the_shipped_rules_equal_the_built_in_table(case, ppm):
    case = rules.replace(case, risk=None if ppm is None else said(ppm))
    points = rules.score_of(case.bureau, case.history)[0]
    found, built = by_shipped(case), built_in(points, ppm)
    assert (found.name, found.share_bps, found.refers, found.reason) == (built.name, built.share_bps, False, "")
    assert rules.assess_3(rules.replace(case, grade=found)) == rules.assess_3(case)


def test_the_shipped_examples_come_true():
    kind = get_rule_kind(GRADES)
    assert examples_that_fail(read_set(kind.shipped, kind.terms, language_of(GRADES)), AT) == {}
    assert [share for _points, _name, share in GRADES_1] == [50, 40, 25]


@database
def test_each_decision_names_rule_set_and_version_and_replays(shipped, person, decide):
    for persona in ("+approve", "+decline", "+refer"):
        decide(person(persona))
    give(make_model(percent=4))
    decision = decide(person("+approve"))
    grade = decision.inputs["grade"]
    assert (decision.limit_minor, grade["name"], grade["share_bps"], decision.versions["grade"]) == (120_000, "B", 4_000, "B")
    assert grade["rules"] == [{"rule": "Probability for grade B", "id": "risk-b", "set": GRADES, "version": 1, "row": 0}]
    assert all(not replay(one).differences for one in Decision.objects.all())
    case = RuleCase.objects.get(kind=GRADES, subject=decision.public_id)
    assert (case.version, case.outcome, case.facts["probability"], case.facts["by_model"]) == (1, "grade_b:0.4", 4.0, True)


@database
def test_rules_and_models_cost_a_decision_no_query(shipped, person, decide):
    give(make_model())
    ann = person("+approve")
    decide(ann)
    assert len(statements(lambda: decide(ann, reference="chk_2"))) == 4


@database
def test_operators_cut_off_elsewhere_and_older_decisions_replay_by_the_rules_of_then(publish, person, decide):
    publish(rule("all", "grade_d", 0.1))
    before = decide(person("+approve"))
    publish(rule("first", "grade_a", 0.6, when="points > 900"), rule("second", "grade_b", 0.3, when="points > 700"))
    after = decide(person("+approve"))
    publish(rule("none", "grade_a", 0.5, when="points > 1000"))
    refused = decide(person("+approve"))
    assert [one.limit_minor for one in (before, after, refused)] == [30_000, 90_000, 0]
    assert (refused.outcome, refused.reasons) == ("decline", ["little_history_with_us"])
    assert [one.inputs["grade"]["version"] for one in (before, after, refused)] == [2, 3, 4]
    forget_rules()
    assert all(not replay(one).differences for one in (before, after, refused))


@database
def test_a_rule_refuses_for_its_reason_and_another_asks_a_person(publish, person, decide):
    publish(rule("all", "grade_a", 0.5), rule("no", "refuse", when="amount > 500.0", reason="short_history", **US), rule("look", "refer"))
    refused, referred = decide(person("+approve"), 60_000), decide(person("+approve"))
    assert (refused.outcome, refused.limit_minor, refused.reasons) == ("decline", 0, ["short_history", "little_history_with_us"])
    assert (referred.outcome, referred.limit_minor, referred.reasons) == ("refer", 150_000, ["person_decides"])
    assert not replay(refused).differences
    assert not replay(referred).differences


@database
def test_what_helps_is_confirmed_by_the_rules_that_refused(publish, person, decide):
    publish(rule("small", "grade_a", 0.5, when="amount <= 200.0", **US))
    give(make_model(percent=1))
    refused = decide(person("+approve"), 60_000)
    publish(rule("none", "grade_a", 0.5, when="points > 1000"))
    found = what_helps(Inputs.from_json(refused.inputs), assessor(refused.versions["scorecard"]))
    assert 19_000 < found.amount_minor <= 20_000


@database
def test_a_review_and_todays_limit_ask_todays_rules(publish, person, decide, at):
    publish(rule("all", "grade_a", 0.5))
    ann = person("+approve")
    decision = decide(ann)
    publish(rule("all", "grade_b", 0.2))
    given_ = Inputs.from_json(decision.inputs)
    assert rules.assess_3(asked_today(ann, decision, at)(given_)).limit_minor == 60_000
    assert consult_again(ann, decision, given_, at).grade.name == "B"
    assert services.review_limits(records=records(), at=at + timedelta(days=1)) == 1
    made = LimitReview.objects.get()
    assert (made.limit_minor, replay_review(made)) == (60_000, {})


@database
def test_a_rule_for_one_market_counts_there(publish, person, decide):
    publish(rule("here", "grade_e", 0.05, scope={"market": "US"}), rule("all", "grade_a", 0.5))
    decision = decide(person("+approve"))
    assert (decision.limit_minor, decision.inputs["grade"]["place"]["market"]) == (15_000, "US")
    assert not replay(decision).differences


@database
def test_a_version_is_tried_on_past_applications(shipped, rita, person, decide, at, monkeypatch):
    decisions = [decide(person(persona)) for persona in ("+approve", "+approve", "+decline")][:2]
    give(make_model(percent=60))
    decisions.append(decide(person("+approve")))
    made = controls.start_draft(kind=GRADES, user=rita, at=at)
    content = {"rules": [rule("all", "grade_a", 0.25)], "examples": []}
    controls.change_draft(kind=GRADES, number=made.number, revision=0, content=content, user=rita, at=at)
    controls.start_trial(kind=GRADES, number=made.number, user=rita, at=at + timedelta(seconds=1))
    controls.run_trials(at=at)
    found = RuleTrial.objects.get().found
    assert found["asked"] == RuleCase.objects.filter(kind=GRADES).count() == len(decisions)
    assert found["moves"]["grade_a:0.5>grade_a:0.25"]["worths"] == {"USD": -150_000}
    assert found["moves"][">grade_a:0.25"]["cases"] == 1
    # What no rule grades is refused, and no case in which something follows.
    assert (found["asked"], found["before"], found["after"]) == (3, 2, 3)
    told = facts_of_trial(RuleTrial.objects.get(), get_rule_kind(GRADES), lambda _name, value: value)
    changed = {(one["before"], one["after"]) for one in told["changed"]}
    assert changed == {
        ("Refuse, without a grade", "Grade A, of a month's income: 25%"),
        ("Grade A, of a month's income: 50%", "Grade A, of a month's income: 25%"),
    }


@database
def test_no_case_is_kept_where_the_grade_does_not_count_and_erased_people_keep_no_facts(shipped, person, decide, at):
    ann = person("+approve")
    decide(ann)
    services.set_limit(consumer_id=ann.pk, currency="USD", limit_minor=50_000, at=at)
    decide(ann, reference="chk_2")
    (case,) = RuleCase.objects.filter(kind=GRADES)
    on_consumer_erased(ConsumerErased(consumer=ann.public_id), at=at)
    case.refresh_from_db()
    assert (case.facts, case.outcome) == ({}, "grade_a:0.5")


@database
def test_without_rules_in_force_the_built_in_table_counts(db):
    give(make_model(percent=8))
    asked = ask_models(inputs(), UUID(int=1))
    assert asked.grade is None
    assert rules.standing_of(asked, asked.bureau).grade.name == "C"


def test_the_losses_since_are_those_of_the_purchase_that_followed(shipped, buy, merchant):
    order = buy.finish(buy.open(merchant, 20_000, capture="automatic"), "hal+approve@people.example").order
    case = RuleCase.objects.get(kind=GRADES)
    first = order.plan.installments.filter(status="scheduled").order_by("number").first()
    execute("UPDATE plans_installment SET status = 'overdue' WHERE id = %s", [first.pk])
    lost = first.principal_minor - first.paid_principal_minor
    assert get_rule_kind(GRADES).consequences([case.subject]) == {order.decision.public_id: Consequence(lost)}


@database
def test_days_below_zero_of_the_persons_bank_have_a_person_look_at_it(person, world, publish, at, monkeypatch):
    told = {"income_minor": 400_000, "fixed_minor": 0, "lenders_minor": 0, "below_zero_30d": 11}
    publish(rule("all", "grade_a", 0.5), rule("below", "refer", when="below_zero_30d > 10"))

    def decided():
        return services.decide(consumer=person("+approve"), reference="chk_1", amount=Money(20_000, "USD"), at=at)

    assert decided().outcome == "approve"
    monkeypatch.setattr("credit.services.decisions.use_bank", lambda inputs, *_: rules.with_bank(inputs, told, 0))
    decision = decided()
    assert (decision.outcome, decision.reasons) == ("refer", ["person_decides"])
    assert replay(decision).differences == {}
