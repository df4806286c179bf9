"""Versions of rules: written by one person, agreed on by another, asked about each order, and gone back to."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, InternalError, transaction

from controls import services
from controls.errors import Changed, Decided, OnePerson
from controls.models import Proposal, RuleCase, RuleVersion
from controls.queries import find_rules, get_rules, observed_differences
from controls.rule_kinds import get_rule_kind
from controls.services import ruling
from core.db import execute
from core.errors import Forbidden, Invalid
from core.sentences import translated
from tests.operators import make_operator
from tests.shops import AT

pytestmark = pytest.mark.django_db
KIND = "orders"


@pytest.fixture
def rita(db):
    return make_operator("rita@kvart.example", may=["propose_rules"])


@pytest.fixture
def paul(db):
    return make_operator("paul@kvart.example", may=["approve_rules"])


def rule(when="most_pieces > 1", **more):
    return {"id": "many", "name": "Many pieces", "when": when, "then": {"outcome": "hold", "reason": "unusual"}} | more


def draft(user, *rules, examples=(), at=AT):
    made = services.start_draft(kind=KIND, user=user, at=at)
    content = {"rules": list(rules), "examples": list(examples)}
    return services.change_draft(kind=KIND, number=made.number, revision=0, content=content, user=user, at=at)


def publish(rita, paul, *rules, at=AT):
    version = draft(rita, *rules, at=at)
    proposal = services.propose_rules(kind=KIND, number=version.number, reason="New", starts_on=None, user=rita, at=at)
    services.approve_proposal(proposal_id=proposal, user=paul, at=at)
    return get_rules(KIND, version.number)


def test_a_draft_holds_after_another_person_agreed(rita, paul):
    version = draft(rita, rule())
    assert (version.number, version.status, find_rules(KIND)) == (1, "draft", None)
    proposal = services.propose_rules(kind=KIND, number=1, reason="Resale", starts_on=None, user=rita, at=AT)
    with pytest.raises(Forbidden):
        services.approve_proposal(proposal_id=proposal, user=rita, at=AT)
    assert find_rules(KIND) is None
    done = services.approve_proposal(proposal_id=proposal, user=paul, at=AT)
    live = find_rules(KIND)
    assert (live.number, live.began_by, live.began_at) == (1, f"proposal:{done.public_id}", AT)


def test_who_may_both_still_needs_another(paul):
    both = make_operator("both@kvart.example", may=["propose_rules", "approve_rules"])
    version = draft(both, rule())
    proposal = services.propose_rules(kind=KIND, number=version.number, reason="x", starts_on=None, user=both, at=AT)
    with pytest.raises(OnePerson):
        services.approve_proposal(proposal_id=proposal, user=both, at=AT)
    assert find_rules(KIND) is None


def test_a_change_after_the_first_signature_voids_it(rita, paul):
    version = draft(rita, rule())
    proposal = services.propose_rules(kind=KIND, number=1, reason="x", starts_on=None, user=rita, at=AT)
    services.change_draft(kind=KIND, number=1, revision=version.revision, content={"rules": []}, user=rita, at=AT)
    with pytest.raises(Changed):
        services.approve_proposal(proposal_id=proposal, user=paul, at=AT)
    assert find_rules(KIND) is None
    assert Proposal.objects.get().status == "proposed"


def test_a_version_begins_on_its_day(rita, paul):
    version = draft(rita, rule())
    later = AT.date() + timedelta(days=2)
    proposal = services.propose_rules(kind=KIND, number=version.number, reason="x", starts_on=later, user=rita, at=AT)
    services.approve_proposal(proposal_id=proposal, user=paul, at=AT)
    assert find_rules(KIND) is None
    assert services.apply_proposals(at=AT + timedelta(days=3)) == 1
    assert find_rules(KIND).number == version.number


def test_the_new_version_ends_the_one_before_and_one_act_goes_back(rita, paul):
    first, second = publish(rita, paul, rule()), publish(rita, paul, rule("most_pieces > 5"))
    assert [(one.number, one.status) for one in RuleVersion.objects.filter(kind=KIND).order_by("number")] == [(1, "retired"), (2, "live")]
    with pytest.raises(Forbidden):
        services.go_back(kind=KIND, number=first.number, user=rita, at=AT)
    services.go_back(kind=KIND, number=first.number, user=paul, at=AT)
    assert (find_rules(KIND).number, find_rules(KIND).began_by, get_rules(KIND, second.number).status) == (1, str(paul.pk), "retired")
    never = draft(rita, rule("most_pieces > 9"))
    with pytest.raises(Decided):
        services.go_back(kind=KIND, number=never.number, user=paul, at=AT)


def test_two_who_change_a_draft_at_once_notice(rita):
    version = draft(rita, rule())
    with pytest.raises(Changed):
        services.change_draft(kind=KIND, number=1, revision=version.revision - 1, content={"rules": []}, user=rita, at=AT)
    version.refresh_from_db()
    assert len(version.content["rules"]) == 1


@pytest.mark.parametrize("content", [{"rules": [rule("most_pieces >")]}, {"rules": [rule("nothing > 1")]}, {"rules": [rule("amount > 5")]}])
def test_a_draft_with_faults_is_refused_and_nothing_changes(rita, content):
    version = draft(rita, rule())
    with pytest.raises(Invalid) as caught:
        services.change_draft(kind=KIND, number=1, revision=1, content=content, user=rita, at=AT)
    assert set(caught.value.fields) == {"rules.0.when"}
    version.refresh_from_db()
    assert version.revision == 1


def test_a_version_whose_examples_fail_cannot_be_proposed(rita):
    example = {"name": "One piece", "facts": {"most_pieces": 1}, "expects": ["hold"]}
    version = draft(rita, rule(), examples=[example])
    with pytest.raises(Invalid) as caught:
        services.propose_rules(kind=KIND, number=version.number, reason="x", starts_on=None, user=rita, at=AT)
    assert caught.value.fields == {"One piece": "expected: hold, given: -"}
    assert not Proposal.objects.exists()


def test_who_may_not_propose_writes_nothing(paul):
    for act in (
        lambda: services.start_draft(kind=KIND, user=paul, at=AT),
        lambda: services.change_draft(kind=KIND, number=1, revision=0, content={}, user=paul, at=AT),
        lambda: services.observe_rules(kind=KIND, number=1, user=paul, at=AT),
        lambda: services.discard_draft(kind=KIND, number=1, user=paul, at=AT),
        lambda: services.start_trial(kind=KIND, number=1, user=paul, at=AT),
    ):
        with pytest.raises(Forbidden):
            act()
    assert not RuleVersion.objects.filter(kind=KIND).exists()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE controls_ruleversion SET content = '{}' WHERE number = 1",
        "UPDATE controls_ruleversion SET status = 'draft' WHERE number = 1",
        "UPDATE controls_ruleversion SET number = 7 WHERE number = 1",
        "UPDATE controls_ruleversion SET status = 'live', began_by = 'me' WHERE number = 2",
        "UPDATE controls_ruleversion SET status = 'live', began_by = '' WHERE number = 3",
        "DELETE FROM controls_ruleversion WHERE number = 1",
    ],
)
def test_what_held_stays_as_it_was(rita, paul, sql):
    publish(rita, paul, rule())
    services.discard_draft(kind=KIND, number=draft(rita, rule()).number, user=rita, at=AT)
    draft(rita, rule())
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
        execute(sql)


def test_a_rule_holds_an_order_and_says_which(buy, merchant, rita, paul, at):
    version = publish(rita, paul, rule("'phones' in categories && most_pieces > 1"))
    phones = [{"name": "Phone", "quantity": 2, "unit_amount": 10_000, "amount": 20_000, "category": "phones"}]
    order = buy.finish(buy.open(merchant, 20_000, items=phones), "hal+approve@people.example").order
    assert (order.status, order.review.reason) == ("pending_review", "rule")
    (cause,) = order.review.causes
    assert cause["facts"] == {"rule": "Many pieces", "id": "many", "set": KIND, "version": version.number, "row": 0}
    case = RuleCase.objects.get(kind=KIND)
    assert (case.subject, case.version, case.outcome) == (order.public_id, version.number, "hold")
    assert case.findings == [["many", 0, "hold", "unusual", None]]
    assert (case.facts["most_pieces"], case.facts["categories"], case.facts["amount"]) == (2, ["phones"], 20_000)


def test_an_order_that_no_rule_holds_is_kept_as_a_case(buy, merchant, rita, paul):
    publish(rita, paul, rule("most_pieces > 5"))
    order = buy.finish(buy.open(merchant, 20_000), "hal+approve@people.example").order
    assert order.status == "authorized"
    assert (RuleCase.objects.get(kind=KIND).outcome, RuleCase.objects.get(kind=KIND).version) == ("", 1)


def test_a_version_beside_is_asked_and_changes_nothing(buy, merchant, rita, paul):
    publish(rita, paul, rule("most_pieces > 5"))
    beside = draft(rita, rule("most_pieces > 0"))
    services.observe_rules(kind=KIND, number=beside.number, user=rita, at=AT)
    items = [{"name": "Lamp", "quantity": 1, "unit_amount": 20_000, "amount": 20_000}]
    order = buy.finish(buy.open(merchant, 20_000, items=items), "hal+approve@people.example").order
    assert order.status == "authorized"
    (case,) = observed_differences(KIND, beside.number)
    assert (case.outcome, case.observed_outcome, case.observed) == ("", "hold", beside.number)


def test_one_version_is_observed_at_a_time(rita):
    first, second = draft(rita, rule()), draft(rita, rule())
    services.observe_rules(kind=KIND, number=first.number, user=rita, at=AT)
    services.observe_rules(kind=KIND, number=second.number, user=rita, at=AT)
    assert [get_rules(KIND, one.number).status for one in (first, second)] == ["retired", "shadow"]
    services.discard_draft(kind=KIND, number=second.number, user=rita, at=AT)
    assert get_rules(KIND, second.number).status == "retired"


def test_a_rule_about_a_fact_that_is_gone_is_left_out_with_an_alarm(buy, merchant, rita, paul, monkeypatch, caplog):
    version = publish(rita, paul, rule("most_pieces > 0"), rule("score > 1", id="gone"))
    broken = dict(version.content, rules=[version.content["rules"][0], rule("vanished > 1", id="gone")])
    monkeypatch.setattr(ruling, "find_rules", lambda kind: RuleVersion(kind=kind, number=1, content=broken) if kind == KIND else None)
    items = [{"name": "Lamp", "quantity": 1, "unit_amount": 20_000, "amount": 20_000}]
    order = buy.finish(buy.open(merchant, 20_000, items=items), "hal+approve@people.example").order
    assert [cause["facts"]["id"] for cause in order.review.causes] == ["many"]
    assert "have faults" in caplog.text


def test_the_facts_of_a_persons_cases_go_with_the_person(buy, merchant, rita, paul):
    from accounts.events import ConsumerErased
    from checkout.handlers import on_consumer_erased

    publish(rita, paul, rule("most_pieces > 5"))
    gone, stays = (buy.finish(buy.open(merchant, 20_000), f"{name}+approve@people.example").order for name in ("hal", "ida"))
    on_consumer_erased(ConsumerErased(consumer=gone.consumer.public_id), at=AT + timedelta(days=400))
    assert RuleCase.objects.get(subject=gone.public_id).facts == {}
    assert RuleCase.objects.get(subject=stays.public_id).facts["amount"] == 20_000


def test_a_condition_with_a_value_that_its_fact_never_has_is_refused_at_its_place(rita):
    made = services.start_draft(kind="early_rewards", user=rita, at=AT)
    then = {"outcome": "share", "value": 0.01, "reason": "early"}
    told = [{"id": "a", "name": "A", "priority": 1, "scope": {}, "when": "days_early > 1 && method in ['card', 'karte']", "then": then}]
    with pytest.raises(Invalid) as refused:
        services.change_draft(
            kind="early_rewards", number=made.number, revision=0, content={"rules": told, "examples": []}, user=rita, at=AT
        )
    assert list(refused.value.fields) == ["rules.0.when"]
    assert "is never “karte”" in translated(refused.value.fields["rules.0.when"])


def test_what_comes_about_without_a_rule_too_is_no_difference():
    kind = get_rule_kind("behaviors")
    assert [kind.without_usual(one) for one in ("stop", "stop factor:0.5", "buy", "")] == ["", "factor:0.5", "buy", ""]
