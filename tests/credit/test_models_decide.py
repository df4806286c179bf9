"""Models that have a role decide in place of the points: champion, challenger's share, shadow, replay, reasons, and what fails."""

from collections import Counter
from dataclasses import asdict, replace
from datetime import timedelta
from uuid import UUID, uuid5

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from credit import rules, services
from credit.assessing import asked_today, assessor, resolved
from credit.cases import FACTS, TOLD, facts_of
from credit.foreseeing import foresee_limits
from credit.helping import what_helps, what_raises
from credit.models import Decision, LimitReview
from credit.queries import bureau_of
from credit.reasons import SENTENCES
from credit.replaying import asked_again, replay, replay_review
from credit.rules import History, Inputs
from credit.scoring import ask_models, roles_of_credit
from credit.supposing import Supposed
from learning.models import ModelVersion
from learning.queries import scorer_of
from markets.queries import get_market
from tests.credit.models import give, log_odds, make_model
from tests.credit.test_decisions import statements
from tests.credit.test_rules import EXCELLENT, WEAK, inputs
from tests.owner import unguarded

pytestmark = pytest.mark.django_db
SOMEBODY = UUID(int=7)
RISKY = {"facts": {"inquiries_6m": (0, 3.0), "utilization_pct": (50, 1.0), "paid_late": (0, 2.0)}}


@pytest.mark.parametrize(("percent", "limit", "grade"), [(1, 150_000, "A"), (4, 120_000, "B"), (8, 75_000, "C")])
def test_the_champion_grades_in_place_of_the_points(person, decide, percent, limit, grade):
    version = make_model(percent=percent)
    give(version)
    decision = decide(person("+approve"))
    assert (decision.outcome, decision.limit_minor) == ("approve", limit)
    assert decision.versions | {"source": ""} == {"scorecard": "scorecard-3", "source": "", "model": "own 1 boosted", "grade": grade}
    risk = decision.inputs["risk"]
    assert (risk["decides"], risk["failed"], risk["unread"], risk["amount_minor"]) == ("champion", {}, [], 20_000)
    assert risk["said"]["champion"] | {"reasons": []} == {
        "model": version.public_id,
        "version": "own 1",
        "kind": "boosted",
        "ppm": percent * 10_000,
        "reasons": [],
    }
    assert not replay(decision).differences


def test_a_probability_above_the_last_grade_is_refused_for_what_raised_it(person, decide):
    give(make_model(percent=8, facts={"amount_to_income": (0.05, 1.5), "paid_on_time": (-3, 0.5), "oldest_account_months": (-500, 1.0)}))
    decision = decide(person("+approve"))
    assert (decision.outcome, decision.limit_minor, decision.score > 720) == ("decline", 0, True)
    assert decision.reasons == ["income_insufficient", "little_history_with_us"]
    assert decision.inputs["risk"]["said"]["champion"]["reasons"] == [["amount_to_income", 1.5], ["paid_on_time", 0.5]]


def test_a_refusal_always_has_a_reason(person, decide):
    give(make_model(percent=30))
    decision = decide(person("+approve"), history=History(paid_on_time=9))
    assert (decision.outcome, decision.reasons) == ("decline", ["income_insufficient"])


def test_without_a_champion_the_points_decide_and_others_are_only_asked(person, decide):
    for role in ("challenger", "shadow"):
        give(make_model(percent=40), role)
    decision = decide(person("+approve"))
    assert (decision.outcome, decision.limit_minor, "model" in decision.versions) == ("approve", 150_000, False)
    assert {role: one["ppm"] for role, one in decision.inputs["risk"]["said"].items()} == {"challenger": 400_000, "shadow": 400_000}
    assert (decision.inputs["risk"]["decides"], replay(decision).differences) == ("", {})


def test_a_shadow_changes_nothing(person, decide):
    give(make_model(percent=4))
    before = decide(person("+approve"))
    give(make_model("other", percent=60), "shadow")
    after = decide(person("+approve"))
    assert [(one.outcome, one.limit_minor, one.reasons, one.versions) for one in (after,)] == [
        (before.outcome, before.limit_minor, before.reasons, before.versions)
    ]
    assert after.inputs["risk"]["said"]["shadow"]["ppm"] == 600_000


def test_a_challenger_decides_a_stable_share_of_people(db):
    give(make_model(percent=1))
    give(make_model("other", percent=2), "challenger", share=30)

    def deciding() -> list[str]:
        return [ask_models(inputs(), uuid5(SOMEBODY, str(number))).risk.decides for number in range(400)]

    before = deciding()
    assert 90 <= Counter(before)["challenger"] <= 150
    roles_of_credit.forget()
    assert deciding() == before
    give(ModelVersion.objects.get(name="other"), "challenger", share=60)
    wider = deciding()
    assert 200 <= Counter(wider)["challenger"] <= 280
    assert all(now == "challenger" for was, now in zip(before, wider, strict=True) if was == "challenger")


def test_all_accounts_of_a_person_fall_in_one_group(person, decide):
    give(make_model(percent=1))
    give(make_model("other", percent=8), "challenger", share=50)
    first, second = person("+approve"), person("+approve")
    second.person = first
    with unguarded():
        second.save()
    assert decide(first).inputs["risk"]["decides"] == decide(second).inputs["risk"]["decides"]


def test_replay_is_identical_after_roles_changed_and_tells_a_model_that_says_otherwise(person, decide, capsys):
    give(make_model(**RISKY))
    give(make_model("other", percent=3), "challenger", share=50)
    people = [person(persona) for persona in ("+approve", "+approve", "+decline", "+refer")]
    for one in people:
        decide(one, history=History(paid_late=1))
    give(make_model("new", percent=70))
    call_command("decisions", "replay", "--all")
    assert capsys.readouterr().out.startswith("4 of 4 identical\n")
    decision = Decision.objects.order_by("id").first()
    role = decision.inputs["risk"]["decides"]
    decision.inputs["risk"]["said"][role]["ppm"] += 1
    assert replay(decision).differences.keys() == {f"probability of the {role}"}


def test_under_another_version_older_decisions_ask_todays_models_and_newer_ones_the_points(person, decide, capsys, monkeypatch):
    monkeypatch.setattr(rules, "CURRENT", "scorecard-2")
    old = decide(person("+approve"))
    monkeypatch.undo()
    give(make_model(percent=60))
    new = decide(person("+approve"))
    assert [old.outcome, new.outcome] == ["approve", "decline"]
    assert not replay(old).differences
    assert replay(old, what=Supposed("scorecard-3")).verdict.outcome == "decline"
    assert replay(new, what=Supposed("scorecard-2")).verdict.outcome == "approve"
    call_command("decisions", "replay", "--all", "--under", "scorecard-3")
    assert "approve -> decline: 1, $200.00, such as" in capsys.readouterr().out


def test_each_fact_has_a_sentence():
    assert set(TOLD) == set(FACTS)
    assert set(TOLD.values()) <= set(SENTENCES)


def test_the_named_fact_moves_the_probability_by_what_was_said(db):
    give(make_model(percent=5, facts={"inquiries_6m": (1, 0.7), "utilization_pct": (50, 1.1), "bureau_score": (-700, 2.0)}))
    asked = ask_models(inputs(WEAK), SOMEBODY)
    said = asked.risk.deciding
    assert asked.risk.factors == ("credit_record", "high_utilization", "many_inquiries")
    better = {"bureau_score": {"score": 780}, "utilization_pct": {"utilization_pct": 20}, "inquiries_6m": {"inquiries_6m": 0}}
    for fact, loss in said.reasons:
        now = resolved(replace(asked, bureau=replace(asked.bureau, **better[fact])), "scorecard-3").risk.deciding
        moved = log_odds(said.ppm / 10_000) - log_odds(now.ppm / 10_000)
        assert now.ppm < said.ppm
        assert moved == pytest.approx(loss, abs=1e-3)


BANK_STEPS = {
    "gambling_share": (0.2, 2.0, "much_gambling"),
    "lenders_to_income": (0.3, 1.5, "much_to_lenders"),
    "below_zero_30d": (10, 1.2, "below_zero"),
    "lowest_to_income": (-0.05, 1.0, "low_balances"),
    "returned_90d": (1, 0.8, "debits_returned"),
    "steady_income": (-0.6, 0.6, "income_unsteady"),
}
BANKED = {"income_minor": 400_000, "fixed_minor": 0, "lenders_minor": 160_000, "gambling_bps": 2_500, "lowest_minor": -30_000}
BANKED |= {"below_zero_30d": 12, "returned_90d": 3, "steady_bps": 5_000}


@pytest.mark.parametrize("fact", BANK_STEPS)
def test_what_the_bank_showed_counts_is_told_and_replayed_and_is_unknown_without_it(person, decide, at, monkeypatch, fact):
    bound, step, code = BANK_STEPS[fact]
    give(make_model(percent=7, facts={fact: (bound, step)}))
    before = decide(person("+approve"))
    assert (before.outcome, before.inputs["risk"]["said"]["champion"]["ppm"]) == ("approve", 70_000)
    use = "credit.services.decisions.use_bank"
    monkeypatch.setattr(use, lambda inputs, *_: rules.with_bank(inputs, BANKED, 0))
    refused = decide(person("+approve"))
    assert (refused.outcome, refused.reasons[0]) == ("decline", code)
    assert refused.inputs["risk"]["said"]["champion"]["reasons"][0] == [fact, step]
    assert facts_of(refused.inputs)[fact] is not None
    assert [replay(one).differences for one in (before, refused)] == [{}, {}]
    # What was counted later is unknown in older readings.
    monkeypatch.setattr(use, lambda inputs, *_: rules.with_bank(inputs, {name: BANKED[name] for name in [*BANKED][:4]}, 0))
    assert facts_of(decide(person("+approve")).inputs)["steady_income"] is None


def test_a_fact_that_nobody_knew_may_count_but_is_no_reason(person, decide):
    give(make_model(percent=5, facts={"inquiries_6m": (0, 0.9)}, unknown={"below_zero_30d": 1.5, "gambling_share": 1.2}))
    refused = decide(person("+decline"))
    assert refused.inputs["banked"] is None
    said = refused.inputs["risk"]
    assert [fact for fact, _ in said["said"]["champion"]["reasons"]][:2] == ["below_zero_30d", "gambling_share"]
    assert not {"below_zero", "much_gambling"} & {*said["factors"], *refused.reasons}
    assert (said["known_only"], replay(refused).differences) == (True, {})
    # Decisions from before are told again as they were told.
    older = Inputs.from_json(refused.inputs | {"risk": {key: value for key, value in said.items() if key != "known_only"}})
    assert resolved(older, "scorecard-3").risk.factors[:2] == ("below_zero", "much_gambling")


def test_a_review_after_a_purchase_counts_it_once(person, decide, at):
    give(make_model(percent=2, facts={"used_to_income": (0.01, 1.5), "amount_to_income": (0.01, 0.5)}))
    ann = person("+approve")
    decision = decide(ann)
    services.reserve(consumer_id=ann.pk, currency="USD", amount_minor=20_000, at=at)
    assert services.review_limits(records=records(), at=at + timedelta(days=1)) == 0
    # Another purchase is used besides it.
    services.reserve(consumer_id=ann.pk, currency="USD", amount_minor=10_000, at=at)
    assert services.review_limits(records=records(), at=at + timedelta(days=2)) == 1
    made = LimitReview.objects.get()
    assert (made.limit_minor < decision.limit_minor, replay_review(made)) == (True, {})


def test_what_helps_is_confirmed_by_the_model_that_decided(person, decide):
    give(make_model(percent=3, facts={"inquiries_6m": (0, 3.0)}))
    decision = decide(person("+decline"))
    given, assess = asked_again(decision)
    only = replace(given, bureau=replace(EXCELLENT, inquiries_6m=4, utilization_pct=95))
    assert what_helps(only, assess).codes == ("no_inquiries",)
    late = replace(only, history=History(overdue_now=1), bureau=EXCELLENT)
    assert what_helps(late, assess).codes == ("overdue_paid",)


def test_a_smaller_amount_is_told_where_the_model_confirms_it(db):
    give(make_model(percent=4, facts={"amount_to_income": (0.1, 2.0)}))
    asked = ask_models(inputs(amount_minor=50_000), SOMEBODY)
    assess = assessor("scorecard-3")
    assert assess(asked).outcome == "decline"
    found = what_helps(asked, assess)
    assert 25_000 < found.amount_minor <= asked.bureau.disposable_income_minor // 10
    assert assess(replace(asked, amount_minor=found.amount_minor)).outcome == "approve"


def test_what_raises_a_limit_asks_the_model_again(person, decide, at):
    give(make_model(percent=1, facts={"paid_on_time": (-3, 1.5)}))
    ann = person("+approve")
    decision = decide(ann)
    given, assess = asked_again(decision)
    assert decision.limit_minor == 120_000
    assert what_raises(given, assess, ruled=asked_today(ann, decision, at)) == [("paid_with_us", 150_000), ("more_left", 140_000)]


def records(**told):
    return lambda holders: {one: {"main": History(**told)} for one in holders}


def test_a_daily_review_asks_the_model_that_decided_last_and_is_replayed(person, decide, at):
    give(make_model(percent=1, facts={"paid_late": (0, 1.5), "amount_to_income": (0.05, 0.5)}))
    decide(person("+approve"))
    give(make_model("new", percent=60))
    assert services.review_limits(records=records(paid_late=1), at=at + timedelta(days=1)) == 1
    made = LimitReview.objects.get()
    assert (made.limit_minor, made.version, made.reasons) == (75_000, "scorecard-3", ["late_with_us"])
    # The amount of the last purchase is told again, so that a limit does not rise only because nothing is bought.
    risk = Inputs.from_json(made.look["inputs"]).risk
    assert (risk.deciding.version, risk.amount_minor) == ("own 1", 20_000)
    assert replay_review(made) == {}
    assert foresee_limits(get_market("US"), before_bps=10_000, after_bps=5_000).down_minor == 40_000


def spoil(version: ModelVersion) -> None:
    with unguarded():
        ModelVersion.objects.filter(pk=version.pk).update(flat=b"spoilt")
    scorer_of.cache_clear()
    roles_of_credit.forget()


def test_a_damaged_champion_decides_nothing_and_the_points_do(person, decide, django_assert_num_queries):
    version = make_model(percent=60)
    give(version)
    before = decide(person("+approve"))
    spoil(version)
    decision = decide(person("+approve"))
    assert (before.outcome, decision.outcome, decision.limit_minor) == ("decline", "approve", 150_000)
    assert (decision.inputs["risk"]["decides"], decision.inputs["risk"]["failed"]) == ("", {"champion": "damaged"})
    assert not replay(decision).differences
    with django_assert_num_queries(0):
        assert ask_models(inputs(), SOMEBODY).risk.failed == {"champion": "damaged"}
    assert replay(before).differences.keys() == {"model"}
    with pytest.raises(CommandError, match="1 of 2 decisions are not as they were stored"):
        call_command("decisions", "replay", "--all")
    # Pages go on with what it said.
    assert assessor("scorecard-3")(Inputs.from_json(before.inputs)).outcome == "decline"


def test_a_damaged_challenger_leaves_its_share_to_the_champion(person, decide):
    give(make_model(percent=4))
    version = make_model("other", percent=60)
    give(version, "challenger", share=100)
    spoil(version)
    decision = decide(person("+approve"))
    assert (decision.outcome, decision.versions["model"]) == ("approve", "own 1 boosted")


def test_a_model_of_other_facts_decides_nothing(person, decide):
    give(make_model(percent=60, facts={"zodiac": (0, 1.0)}))
    decision = decide(person("+approve"))
    assert (decision.outcome, decision.inputs["risk"]["failed"]) == ("approve", {"champion": "foreign"})


def test_the_same_facts_are_learned_from_and_decided_by(person, decide, monkeypatch):
    seen = []
    monkeypatch.setattr("credit.scoring.facts_of", lambda told: seen.append(facts_of(told)) or seen[-1])
    give(make_model())
    decision = decide(person("+approve"), history=History(paid_on_time=2))
    assert seen == [facts_of(decision.inputs)]
    assert seen[0]["amount_to_income"] == "0.0666"


def test_a_bureaus_score_is_only_named_where_the_model_looks_at_it(person, decide):
    give(make_model(percent=60))
    with_score = decide(person("+decline"))
    assert bureau_of(with_score)["score"]
    with_score.inputs["risk"]["unread"] = ["bureau_score"]
    assert (bureau_of(with_score)["score"], bureau_of(with_score)["factors"]) == (None, [])


def test_models_cost_a_decision_no_query(person, decide):
    ann = person("+approve")
    decide(ann)
    without = len(statements(lambda: decide(ann, reference="chk_2")))
    give(make_model())
    for role in ("challenger", "shadow"):
        give(make_model(role), role, share=50)
    decide(ann, reference="chk_3")
    assert len(statements(lambda: decide(ann, reference="chk_4"))) == without == 4


def test_what_is_stored_survives_json(db):
    give(make_model(**RISKY))
    asked = ask_models(inputs(WEAK, amount_minor=9_000), SOMEBODY)
    again = Inputs.from_json(asked.as_json())
    assert rules.assess_3(again) == rules.assess_3(asked)
    assert asdict(again) == asdict(asked) | {"risk": asked.as_json()["risk"] | {"factors": again.risk.factors}}


def test_a_recent_decision_is_not_moved_by_a_later_review_of_roles(person, decide, at):
    give(make_model(percent=4))
    ann = person("+approve")
    decide(ann)
    give(make_model("new", percent=1), at=at + timedelta(hours=1))
    assert services.review_limits(records=records(), at=at + timedelta(days=1)) == 0
    assert decide(ann, reference="chk_2", at=at + timedelta(days=1)).limit_minor == 150_000


@pytest.mark.django_db(transaction=True)
def test_roles_that_change_under_decisions_leave_each_whole(person, decide, at_once):
    """Each decision is by one set of roles, names the model that decided, and replays."""
    give(make_model(percent=1))
    people = [person("+approve") for _number in range(4)]
    others = [make_model("other", percent=60), make_model("third", percent=4)]

    def act(number: int) -> str:
        if number < 2:
            give(others[number], ("champion", "challenger")[number], share=50)
            return ""
        return decide(people[number % 4], reference=f"chk_{number}").outcome

    at_once(8, act)
    decisions = list(Decision.objects.order_by("id"))
    assert len(decisions) == 6
    for one in decisions:
        deciding = Inputs.from_json(one.inputs).risk.deciding
        assert one.versions["model"] == f"{deciding.version} {deciding.kind}"
        assert (one.outcome == "decline") == (deciding.version == "other 1")
        assert not replay(one).differences
