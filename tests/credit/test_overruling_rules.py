"""Rules about overruled refusals: grounds, who decides, what ships, and trials on what was approved before, with the losses since."""

import pytest

from accounts.events import ConsumerErased
from accounts.models import Consumer
from checkout.handlers import on_consumer_erased
from controls import services as controls
from controls.models import RuleCase, RuleTrial
from controls.queries import get_rules
from controls.rule_kinds import Consequence, get_rule_kind, language_of
from controls.rules.reading import read_set
from controls.services.ruling import examples_that_fail, forget_rules
from controls.services.shipping import ship_rules
from core.db import execute
from core.errors import Forbidden, Invalid
from credit import services
from credit.models import Approval
from credit.overruling import OVERRULES, grounds_for, may_overrule
from credit.reasons import GROUNDS
from tests.credit.conftest import AT
from tests.operators import make_operator
from tests.owner import tamper

pytestmark = pytest.mark.django_db
US = {"scope": {"market": "US"}}


@pytest.fixture
def rita(db):
    ship_rules()
    forget_rules()
    return make_operator("rita@kvart.example", may=["propose_rules"])


@pytest.fixture
def publish(rita, at):
    """Give a function that puts rules in force by two people, and returns the version."""
    paul = make_operator("paul@kvart.example", may=["approve_rules"])

    def run(*rules):
        made = controls.start_draft(kind=OVERRULES, user=rita, at=at)
        content = {"rules": list(rules), "examples": []}
        controls.change_draft(kind=OVERRULES, number=made.number, revision=0, content=content, user=rita, at=at)
        proposal = controls.propose_rules(kind=OVERRULES, number=made.number, reason="New", starts_on=None, user=rita, at=at)
        controls.approve_proposal(proposal_id=proposal, user=paul, at=at)
        return get_rules(OVERRULES, made.number)

    return run


@pytest.fixture
def refused(person, decide):
    return decide(person("+decline"), 20_000)


def rule(key, outcome, value=None, *, when="true", **more):
    then = {"outcome": outcome, "reason": "policy"} | ({} if value is None else {"value": value})
    return {"id": key, "name": key.title(), "when": when, "then": then, "priority": 10} | more


def overrule(decision, minor=20_000, *, why="passing", actor="7", left_minor=None):
    told = {"left_minor": left_minor, "why": why, "note": "Seen", "actor": actor}
    return services.overrule(decision_id=decision.pk, amount_minor=minor, at=AT, **told)


def test_what_ships_allows_each_ground_and_a_usual_amount_alone(refused, rita):
    kind = get_rule_kind(OVERRULES)
    assert examples_that_fail(read_set(kind.shipped, kind.terms, language_of(OVERRULES)), AT) == {}
    assert grounds_for(refused, AT) == GROUNDS
    asked = [may_overrule(refused, amount_minor=minor, left_minor=None, why="passing", at=AT) for minor in (50_000, 50_001)]
    assert [(one.is_allowed, one.is_alone) for one in asked] == [(True, True), (True, False)]
    overrule(refused)
    case = RuleCase.objects.get(kind=OVERRULES)
    assert (case.subject, case.outcome, case.version) == (refused.public_id, "allow alone:500", 1)
    assert (case.facts["grounds"], case.facts["amount"], case.facts["reasons"]) == ("passing", 20_000, sorted(refused.reasons))


def test_only_grounds_that_a_rule_allows_count_for_one_and_for_two(refused, publish):
    publish(rule("proven", "allow", when="grounds == 'figures_proven' && proven"), rule("alone", "alone", 500, **US))
    assert list(grounds_for(refused, AT)) == ["figures_proven"]
    for actor in ("7", "proposal:1"):
        with pytest.raises(Invalid) as caught:
            overrule(refused, actor=actor)
        assert list(caught.value.fields) == ["why"]
    with pytest.raises(Invalid):
        overrule(refused, why="figures_proven")
    assert not Approval.objects.exists()
    assert not RuleCase.objects.filter(kind=OVERRULES).exists()
    assert overrule(refused, why="figures_proven", left_minor=90_000).why == "figures_proven"


@pytest.mark.parametrize(
    ("rules", "one", "two"),
    [
        ([rule("alone", "alone", 200, **US)], True, True),
        ([rule("alone", "alone", 199.99, **US)], False, True),
        ([rule("few", "alone", 100, **US), rule("more", "alone", 900, **US)], False, True),
        ([], False, True),
        ([rule("two", "two"), rule("alone", "alone", 500, **US)], False, True),
        ([rule("never", "never", when="asked >= 200", **US), rule("alone", "alone", 500, **US)], False, False),
    ],
    ids=["within", "above", "first of two amounts", "no amount", "two in any case", "nobody"],
)
def test_who_may_approve_is_what_the_rules_say(refused, publish, rules, one, two):
    publish(rule("all", "allow"), *rules)
    assert bool(grounds_for(refused, AT)) == two
    if not one:
        with pytest.raises(Forbidden if two else Invalid):
            overrule(refused)
    if two:
        overrule(refused, actor="7" if one else "proposal:1")
    assert Approval.objects.count() == two


def test_what_one_person_approved_before_counts_and_another_currency_takes_two(refused, person, decide, publish):
    publish(rule("all", "allow"), rule("alone", "alone", 300, **US))
    overrule(refused)
    second = decide(refused.consumer, 30_000, reference="chk_2")
    asked = [may_overrule(second, amount_minor=minor, left_minor=None, why="passing", at=AT) for minor in (10_000, 10_001)]
    assert [(one.is_alone, one.case.facts["approved_alone"]) for one in asked] == [(True, 20_000), (False, 20_000)]
    abroad = decide(person("+decline"), 100, currency="DKK")
    assert not may_overrule(abroad, amount_minor=100, left_minor=None, why="passing", at=AT).is_alone


def test_a_trial_counts_what_would_have_been_otherwise_with_the_losses_since(refused, rita, buy, merchant):
    overrule(refused)
    order = buy.finish(buy.open(merchant, 20_000, capture="automatic"), "hal+approve@people.example").order
    first = order.plan.installments.filter(status="scheduled").order_by("number").first()
    execute("UPDATE plans_installment SET status = 'overdue' WHERE id = %s", [first.pk])
    lost = first.principal_minor - first.paid_principal_minor
    kind, approval = get_rule_kind(OVERRULES), Approval.objects.get()
    assert kind.consequences([refused.public_id]) == {}
    # The purchase was made with another account of the person, by what was approved.
    Consumer.objects.filter(pk=order.consumer_id).update(person=refused.consumer)
    granted = "UPDATE credit_decision SET inputs = jsonb_set(inputs, '{granted_minor}', %s::text::jsonb), at = %s WHERE id = %s"
    tamper(granted, [approval.granted_minor, AT, order.decision_id])
    assert kind.consequences([refused.public_id]) == {refused.public_id: Consequence(lost)}
    made = controls.start_draft(kind=OVERRULES, user=rita, at=AT)
    content = {"rules": [rule("all", "allow"), rule("alone", "alone", 100, **US)], "examples": []}
    controls.change_draft(kind=OVERRULES, number=made.number, revision=0, content=content, user=rita, at=AT)
    controls.start_trial(kind=OVERRULES, number=made.number, user=rita, at=AT.replace(hour=23))
    controls.run_trials(at=AT.replace(hour=23))
    moved = RuleTrial.objects.get().found["moves"]["alone:500>alone:100"]
    assert moved == {"cases": 1, "amounts": {"USD": 20_000}, "losses": {"USD": lost}, "worths": {"USD": -20_000}}


def test_erased_people_keep_no_facts(refused, rita):
    overrule(refused)
    on_consumer_erased(ConsumerErased(consumer=refused.consumer.public_id), at=AT)
    assert RuleCase.objects.get(kind=OVERRULES).facts == {}
