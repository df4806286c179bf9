"""Rules that multiply or cap a computed limit: asked at each decision, kept with it, told truly, and replayed."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.events import ConsumerErased
from accounts.models import Consumer
from checkout.handlers import on_consumer_erased
from controls import services as controls
from controls.models import RuleCase, RuleTrial
from controls.queries import get_rules, observed_differences
from controls.rule_kinds import get_rule_kind
from controls.rules.sets import Place
from controls.services import ruling
from core.errors import Invalid
from core.sentences import translated
from credit import rules, services
from credit.bank_facts import LIMITS_SUGGESTED
from credit.models import LimitChange
from credit.replaying import replay
from credit.rules import History
from credit.services import decisions
from operations.ruling.trials import facts_of
from tests.operators import make_boss, make_operator

pytestmark = pytest.mark.django_db
KIND = "limits"
COMPUTED = 150_000
"""What the sandbox's bureau gives the persona `+approve`."""


@pytest.fixture
def rita(db):
    return make_operator("rita@kvart.example", may=["propose_rules"])


@pytest.fixture
def paul(db):
    return make_operator("paul@kvart.example", may=["approve_rules"])


def rule(key, outcome, value, *, when="score > 0", reason="little_history_with_us", **more):
    return {"id": key, "name": key.title(), "when": when, "then": {"outcome": outcome, "value": value, "reason": reason}} | more


def factor(value, **more):
    return rule("factor", "factor", value, **more)


def cap(value, **more):
    return rule("cap", "cap", value, scope={"market": "US"}, **more)


def draft(rita, at, *rules):
    made = controls.start_draft(kind=KIND, user=rita, at=at)
    content = {"rules": list(rules), "examples": []}
    return controls.change_draft(kind=KIND, number=made.number, revision=0, content=content, user=rita, at=at)


@pytest.fixture
def publish(rita, paul, at):
    def run(*rules):
        number = draft(rita, at, *rules).number
        proposal = controls.propose_rules(kind=KIND, number=number, reason="New", starts_on=None, user=rita, at=at)
        controls.approve_proposal(proposal_id=proposal, user=paul, at=at)
        return get_rules(KIND, number)

    return run


def test_a_factor_lowers_the_limit_and_the_decision_keeps_the_rule(person, decide, publish):
    version = publish(factor(0.5))
    decision = decide(person("+approve"))
    assert (decision.outcome, decision.limit_minor, decision.order_limit_minor) == ("approve", 75_000, 50_000)
    kept = {"rule": "Factor", "id": "factor", "set": KIND, "version": version.number, "row": 0}
    assert decision.inputs["ruled"] == {"factor_bps": 5_000, "cap_minor": None, "reason": "little_history_with_us", "rules": [kept]}
    assert replay(decision).verdict.limit_minor == 75_000


def test_the_case_says_the_same_again(person, decide, publish):
    version = publish(factor(0.5, when="limit >= 1500.0 && paid_late == 0", scope={"market": "US"}))
    decision = decide(person("+approve"))
    case = RuleCase.objects.get(kind=KIND)
    assert (case.subject, case.version, case.outcome, case.facts["limit"]) == (decision.public_id, version.number, "factor:0.5", COMPUTED)
    answer = ruling.rules_of(version).ask(case.facts, Place(case.brand, case.market, "", (), case.on), exponent=2)
    assert [ruling.kept_finding(one) for one in answer.findings] == case.findings


BANKED = {"income_minor": 400_000, "fixed_minor": 0, "lenders_minor": 0, "gambling_bps": 2_500, "lowest_minor": -60_000}


@pytest.fixture
def banked(monkeypatch):
    """Let each decision know what the person's bank showed."""
    told = BANKED | {"below_zero_30d": 11, "returned_90d": 2, "steady_bps": 5_000, "lenders_minor": 120_000}
    monkeypatch.setattr(decisions, "use_bank", lambda inputs, *_: rules.with_bank(inputs, told, 0))


def test_what_the_bank_showed_is_a_fact_for_rules_and_the_refusal_tells_it(person, decide, publish, banked):
    suggested = LIMITS_SUGGESTED["rules"]
    publish(
        *suggested,
        cap(
            100,
            when="below_zero_30d > 10 && lowest_balance < 0.0 && returned_90d >= 2 && steady_income < 0.6 && lenders == 0.3",
            reason="below_zero",
        ),
    )
    decision = decide(person("+approve"))
    assert (decision.outcome, decision.limit_minor, decision.reasons) == ("decline", 10_000, ["below_zero"])
    assert [one["id"] for one in decision.inputs["ruled"]["rules"]] == ["gambling-fifth", "cap"]
    assert decision.inputs["ruled"]["factor_bps"] == 5_000
    assert replay(decision).differences == {}


def test_who_showed_no_bank_meets_no_rule_about_it(person, decide, publish):
    publish(*LIMITS_SUGGESTED["rules"])
    assert decide(person("+approve")).limit_minor == COMPUTED


def test_a_factor_raises_the_limit(person, decide, publish):
    publish(factor(1.5))
    assert decide(person("+approve")).limit_minor == 225_000


def test_the_first_factor_and_the_smallest_cap_count(person, decide, publish):
    second = rule("later", "factor", 0.1, priority=200)
    publish(factor(1.2), second, cap(1_000), rule("lower", "cap", 420, scope={"market": "US"}))
    decision = decide(person("+approve"))
    assert decision.limit_minor == 40_000
    assert [one["id"] for one in decision.inputs["ruled"]["rules"]] == ["factor", "lower"]


def test_a_refusal_for_a_rule_tells_the_rules_reason(person, decide, publish):
    publish(cap(100, reason="late_with_us"))
    decision = decide(person("+approve"), 20_000)
    assert (decision.outcome, decision.limit_minor, decision.reasons) == ("decline", 10_000, ["late_with_us"])


def test_a_refusal_that_comes_without_the_rule_too_tells_its_own_reason(person, decide, publish):
    publish(cap(100))
    assert decide(person("+approve"), COMPUTED + 1).reasons == ["limit_exceeded"]


def test_a_limit_of_nothing_is_refused_for_the_rules_reason(person, decide, publish):
    publish(factor(0))
    decision = decide(person("+approve"))
    assert (decision.outcome, decision.limit_minor, decision.reasons) == ("decline", 0, ["little_history_with_us"])


def test_what_is_in_use_and_what_people_set_go_before(person, decide, publish):
    consumer = person("+approve")
    decide(consumer)
    services.reserve(consumer_id=consumer.pk, currency="USD", amount_minor=60_000, at=consumer.created_at)
    publish(factor(0.1))
    assert decide(consumer, 5_000).limit_minor == 60_000


def test_a_person_who_is_refused_anyway_is_no_case(person, decide, publish):
    publish(factor(0.5))
    assert decide(person("+decline")).inputs["ruled"] is None
    assert decide(person("+approve"), history=History(overdue_now=1)).inputs["ruled"] is None
    assert not RuleCase.objects.filter(kind=KIND).exists()


def test_what_a_rule_changes_is_not_put_down_to_the_credit_file(person, decide, publish, at):
    consumer = person("+approve")
    decide(consumer)
    publish(factor(0.5))
    decide(consumer)
    publish(factor(1))
    decide(consumer)
    told = LimitChange.objects.order_by("number").values_list("reason", "after_minor")
    assert list(told) == [("first_decision", COMPUTED), ("looked_again", 75_000), ("looked_again", COMPUTED)]


def test_rules_ask_about_how_the_person_paid_and_their_class(person, decide, publish):
    publish(factor(0.5, when="paid_late > 0 && customer_risk_class == 'high'"))
    late = person("+approve")
    Consumer.objects.filter(pk=late.pk).update(classes={"risk_class": "high"})
    late.refresh_from_db()
    assert decide(late, history=History(3, 1, 0)).limit_minor == 75_000
    assert decide(late, history=History(3, 0, 0)).limit_minor == COMPUTED


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        (factor("much"), "value"),
        (factor(1.6), "value"),
        (factor(-0.1), "value"),
        (factor(float("nan")), "value"),
        (factor(None), "value"),
        (rule("cap", "cap", 100), "value"),
        (cap(True), "value"),
        (factor(1, when="limit > 100.0"), "when"),
        (factor(1, when="customer_region == 'north'"), "when"),
        (factor(1, reason="I said so"), "reason"),
    ],
)
def test_faults_are_told_at_their_place(rita, at, broken, place):
    with pytest.raises(Invalid) as caught:
        draft(rita, at, broken)
    assert set(caught.value.fields) == {f"rules.0.{place}"}


def test_bounds_are_written_as_the_reader_writes_numbers(rita, at):
    with pytest.raises(Invalid) as caught:
        draft(rita, at, factor(1.6))
    with translation.override("da"):
        assert translated(caught.value.fields["rules.0.value"]) == "Skriv et tal fra 0 til 1,5."


def test_regions_may_count_where_no_law_forbids_it(rita, at):
    assert draft(rita, at, factor(0.9, when="customer_region == 'north'", scope={"market": "DK"})).status == "draft"


def test_another_factor_is_another_answer_in_trial_and_beside(person, decide, publish, rita, at):
    publish(factor(0.8))
    other = draft(rita, at, factor(0.5))
    controls.observe_rules(kind=KIND, number=other.number, user=rita, at=at)
    decision = decide(person("+approve"), 5_000)
    assert decision.limit_minor == 120_000
    (case,) = observed_differences(KIND, other.number)
    assert (case.outcome, case.observed_outcome) == ("factor:0.8", "factor:0.5")
    controls.start_trial(kind=KIND, number=other.number, user=rita, at=at + timedelta(days=1))
    controls.run_trials(at=at + timedelta(days=1))
    trial = RuleTrial.objects.get()
    titles = [one["title"] for one in facts_of(trial, get_rule_kind(KIND), lambda _place, code: code)["segments"]]
    assert titles == ["Market", "Brand", "Month"]
    assert trial.found["cases"] == [[decision.public_id, "factor:0.8", "factor:0.5", 5_000, "USD", 0]]


def test_the_decisions_page_names_rule_version_and_effect(person, decide, publish, client):
    version = publish(factor(0.5, when="paid_late == 0"), cap(700))
    decision = decide(person("+approve"))
    client.force_login(make_boss("boss@kvart.example"), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("admin:credit_decision_change", args=[decision.pk])).content.decode()
    assert f"Rule “Factor” (version {version.number})" in page
    assert "the number of installments paid late is 0" in page
    assert reverse("admin:controls_rules_version", args=[KIND, version.number]) in page
    assert "Rules multiply the limit by" in page


def test_the_facts_go_with_the_person(person, decide, publish, at):
    publish(factor(0.5))
    gone, stays = person("+approve"), person("+approve")
    first, second = decide(gone), decide(stays)
    on_consumer_erased(ConsumerErased(consumer=gone.public_id), at=at + timedelta(days=900))
    assert RuleCase.objects.get(kind=KIND, subject=first.public_id).facts == {}
    assert RuleCase.objects.get(kind=KIND, subject=second.public_id).facts["limit"] == COMPUTED
