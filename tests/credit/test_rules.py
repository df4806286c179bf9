"""The scorecard and the policy around it."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit import reasons, rules
from credit.rules import Bureau, History, Inputs

EXCELLENT = Bureau(
    score=842,
    thin=False,
    delinquencies_24m=0,
    open_accounts=6,
    utilization_pct=8,
    inquiries_6m=0,
    oldest_account_months=168,
    fraud_alert=False,
    manual_review=False,
    disposable_income_minor=300_000,
)
THIN = dataclasses.replace(EXCELLENT, score=610, thin=True, open_accounts=1, utilization_pct=35, inquiries_6m=2, oldest_account_months=5)
MIDDLING = dataclasses.replace(EXCELLENT, score=655, utilization_pct=48, inquiries_6m=2, oldest_account_months=40, open_accounts=4)
WEAK = dataclasses.replace(
    EXCELLENT, score=540, delinquencies_24m=2, utilization_pct=92, inquiries_6m=7, oldest_account_months=20, open_accounts=12
)


def inputs(bureau: Bureau | None = EXCELLENT, **changes) -> Inputs:
    base = Inputs(amount_minor=20_000, exponent=2, identity="verified", used_minor=0, history=History(), bureau=bureau)
    return dataclasses.replace(base, **changes)


def test_the_points_of_an_excellent_file():
    assert rules.score_of(EXCELLENT, History()) == (370 + 150 + 110 + 90 + 80 + 60 + 40, ("little_history_with_us",))
    assert rules.score_of(EXCELLENT, History(paid_on_time=4)) == (940, ())


def test_reasons_are_ranked_by_what_they_cost():
    score, ranked = rules.score_of(WEAK, History())
    assert score == 60 + 40 + 0 + 45 + 0 + 35 + 40
    assert ranked == ("credit_record", "late_payments", "high_utilization", "many_inquiries")
    assert rules.score_of(THIN, History())[1] == ("credit_record", "short_history", "little_history_with_us", "high_utilization")


def test_each_line_of_the_scorecard():
    bands = {
        "score": [(499, 0), (500, 60), (559, 60), (560, 110), (600, 170), (640, 230), (680, 280), (720, 330), (779, 330), (780, 370)],
        "delinquencies_24m": [(0, 150), (1, 90), (2, 40), (3, 0), (9, 0)],
        "utilization_pct": [(0, 110), (29, 110), (30, 90), (50, 55), (75, 20), (90, 0), (140, 0)],
        "oldest_account_months": [(0, 10), (11, 10), (12, 45), (36, 70), (84, 90)],
        "inquiries_6m": [(0, 80), (1, 80), (2, 60), (4, 30), (7, 0)],
        "open_accounts": [(0, 20), (1, 45), (3, 60), (10, 60), (11, 35)],
    }
    for (field, cases), line in zip(bands.items(), rules.SCORECARD_1, strict=False):
        for value, points in cases:
            assert line.points(dataclasses.replace(EXCELLENT, **{field: value}), History()) == points, (field, value)
    histories = [(History(), 40), (History(1), 60), (History(3), 60), (History(4), 80), (History(9, 1), 0)]
    for history, points in histories:
        assert rules.SCORECARD_1[-1].points(EXCELLENT, history) == points


@pytest.mark.parametrize(
    ("bureau", "score", "limit", "order_limit"),
    [
        (EXCELLENT, 900, 150_000, 100_000),  # A: 50 %
        (MIDDLING, 230 + 150 + 90 + 70 + 60 + 60 + 40, 120_000, 80_000),  # B: 40 %
        (THIN, 170 + 150 + 90 + 10 + 60 + 45 + 40, 75_000, 50_000),  # C: 25 %
    ],
)
def test_a_limit_by_grade(bureau, score, limit, order_limit):
    verdict = rules.assess(inputs(bureau))
    assert (verdict.outcome, verdict.score, verdict.limit_minor, verdict.order_limit_minor) == ("approve", score, limit, order_limit)


@pytest.mark.parametrize(
    ("minor", "exponent", "limit"), [(154_999, 2, 150_000), (150_000, 2, 150_000), (4_999, 2, 0), (149, 0, 100), (-5, 2, 0)]
)
def test_limits_are_rounded_down_to_fifty_units(minor, exponent, limit):
    assert rules.round_limit(minor, exponent) == limit


def test_an_order_limit_is_two_thirds():
    assert rules.order_limit_of(150_000, 2) == 100_000
    assert rules.order_limit_of(75_000, 2) == 50_000
    assert rules.order_limit_of(20_000, 2) == 10_000
    assert rules.order_limit_of(5_000, 2) == 0


def test_what_decides_by_itself():
    cases = [
        (inputs(None, identity="rejected"), "identity_not_verified"),
        (inputs(history=History(paid_on_time=9, overdue_now=1)), "overdue_with_us"),
        (inputs(dataclasses.replace(EXCELLENT, delinquencies_24m=5)), "serious_delinquency"),
        (inputs(review="decline"), "review_declined"),
        (inputs(dataclasses.replace(EXCELLENT, disposable_income_minor=9_999)), "income_insufficient"),
    ]
    for given_inputs, reason in cases:
        verdict = rules.assess(given_inputs)
        assert (verdict.outcome, verdict.limit_minor, verdict.order_limit_minor, verdict.reasons) == ("decline", 0, 0, (reason,)), reason


def test_a_weak_file_is_declined_with_its_reasons():
    verdict = rules.assess(inputs(WEAK))
    assert (verdict.outcome, verdict.limit_minor, verdict.reasons) == (
        "decline",
        0,
        ("credit_record", "late_payments", "high_utilization", "many_inquiries"),
    )


def test_the_amount_has_to_fit_in_what_is_left():
    assert rules.assess(inputs(amount_minor=150_000)).outcome == "approve"
    for changes in ({"amount_minor": 150_001}, {"amount_minor": 50_001, "used_minor": 100_000}):
        verdict = rules.assess(inputs(**changes))
        assert (verdict.outcome, verdict.limit_minor, verdict.reasons) == ("decline", 150_000, ("limit_exceeded",))
    assert rules.assess(inputs(amount_minor=50_000, used_minor=100_000)).outcome == "approve"


def test_a_limit_never_falls_below_what_is_in_use():
    assert rules.assess(inputs(used_minor=170_000)).limit_minor == 170_000
    verdict = rules.assess(inputs(WEAK, used_minor=40_000))
    assert (verdict.limit_minor, verdict.order_limit_minor) == (40_000, 25_000)


def test_what_people_have_to_look_at():
    flagged = dataclasses.replace(EXCELLENT, manual_review=True)
    verdict = rules.assess(inputs(flagged))
    assert (verdict.outcome, verdict.limit_minor, verdict.reasons) == ("refer", 150_000, ("manual_review",))
    assert rules.assess(inputs(flagged, review="approve")).outcome == "approve"
    alerted = dataclasses.replace(flagged, fraud_alert=True)
    assert rules.assess(inputs(alerted)).reasons == ("fraud_alert", "manual_review")
    assert rules.assess(inputs(alerted, review="approve")).reasons == ("fraud_alert",)
    assert rules.assess(inputs(flagged, amount_minor=150_001)).reasons == ("limit_exceeded",)


def test_why_a_limit_changes():
    better, worse = rules.assess(inputs()), rules.assess(inputs(WEAK, used_minor=5_000))
    assert rules.limit_change_reason(None, better) == "first_decision"
    assert rules.limit_change_reason(75_000, better) == "file_improved"
    assert rules.limit_change_reason(200_000, better) == "file_weakened"
    assert rules.limit_change_reason(75_000, worse) == "application_declined"
    above_own = rules.assess(inputs(own_minor=1))
    assert (above_own.outcome, rules.limit_change_reason(200_000, above_own)) == ("decline", "file_weakened")


bureaus = st.builds(
    Bureau,
    score=st.integers(-100, 2000),
    thin=st.booleans(),
    delinquencies_24m=st.integers(-1, 60),
    open_accounts=st.integers(0, 100),
    utilization_pct=st.integers(0, 500),
    inquiries_6m=st.integers(0, 50),
    oldest_account_months=st.integers(0, 900),
    fraud_alert=st.booleans(),
    manual_review=st.booleans(),
    disposable_income_minor=st.integers(-(10**9), 10**9),
)
any_inputs = st.builds(
    Inputs,
    amount_minor=st.integers(1, 10**9),
    exponent=st.sampled_from([0, 2, 3]),
    identity=st.sampled_from(["verified", "rejected", "unknown"]),
    used_minor=st.integers(0, 10**8),
    history=st.builds(History, st.integers(0, 50), st.integers(0, 50), st.integers(0, 5)),
    bureau=bureaus,
    review=st.sampled_from(["", "approve", "decline"]),
)


@given(any_inputs)
def test_every_answer_is_sound_and_replays(given_inputs):
    verdict = rules.assess(given_inputs)
    assert verdict.limit_minor >= given_inputs.used_minor
    assert 0 <= verdict.order_limit_minor <= verdict.limit_minor
    assert 0 <= verdict.score <= 940
    assert len(verdict.reasons) <= 4
    assert set(verdict.reasons) <= set(reasons.SENTENCES)
    assert verdict.outcome == "approve" or verdict.reasons
    if verdict.outcome != "decline":
        assert given_inputs.used_minor + given_inputs.amount_minor <= verdict.limit_minor
    stored = json.loads(json.dumps(given_inputs.as_json()))
    assert rules.assess(Inputs.from_json(stored)) == verdict


def test_every_reason_has_a_sentence():
    known = {line.reason for line in rules.SCORECARD_1}
    assert known <= set(reasons.SENTENCES)
    assert all(sentence.endswith(".") for sentence in [*reasons.SENTENCES.values(), *reasons.LIMIT_CHANGES.values()])
    assert reasons.sentences(["limit_exceeded"]) == ["The amount is above what is left of your spending limit."]
    assert len(reasons.sentences(list(reasons.SENTENCES))) == 4
