"""What would have changed a refusal is confirmed by the scorecard that refused, and needs nothing that is not needed."""

import dataclasses
from functools import partial

import pytest
from hypothesis import given

from credit import rules
from credit.helping import _CHANGES, Helps, _record, what_helps, what_raises, what_raises_together, would_income_help
from credit.reasons import HELPS
from credit.rules import Bureau, History, Inputs
from credit.rules.registers import Registered
from tests.credit.test_rules import EXCELLENT, MIDDLING, WEAK, any_inputs, inputs

helps = partial(what_helps, assess=rules.assess)


def better(**changes: int) -> Bureau:
    return dataclasses.replace(EXCELLENT, **changes)


def test_an_amount_that_fits_is_told():
    limit = rules.assess(inputs()).limit_minor
    assert helps(inputs(amount_minor=limit + 1)) == Helps(amount_minor=limit)
    assert helps(inputs(amount_minor=limit, used_minor=limit - 700)) == Helps(amount_minor=700)
    assert helps(inputs(amount_minor=500, own_minor=300)) == Helps(amount_minor=300)


@pytest.mark.parametrize(
    ("case", "codes"),
    [
        (inputs(history=History(overdue_now=1)), ("overdue_paid",)),
        (inputs(better(delinquencies_24m=7)), ("no_late_payments",)),
        (inputs(better(score=510, oldest_account_months=40, delinquencies_24m=2, inquiries_6m=5)), ("no_late_payments", "no_inquiries")),
    ],
)
def test_each_fact_alone_is_told_if_it_is_enough(case, codes):
    assert rules.assess(case).outcome == "decline"
    assert helps(case) == Helps(codes=codes)


def test_facts_that_are_enough_only_together_are_told_so():
    found = helps(inputs(WEAK))
    assert (found.together, len(found.codes) > 1) == (True, True)


@pytest.mark.parametrize(
    "case",
    [
        inputs(),
        inputs(None, identity="rejected"),
        inputs(is_blocked=True),
        inputs(review="decline"),
        inputs(better(score=300, oldest_account_months=1, open_accounts=0, disposable_income_minor=0)),
    ],
)
def test_nothing_is_told_where_nothing_helps(case):
    assert not helps(case)


@given(any_inputs)
def test_what_is_told_is_true_and_no_more_than_needed(case: Inputs):
    found = helps(case)
    assert not found or rules.assess(case).outcome == "decline"
    if found.amount_minor and found.codes:
        # The facts are for a purchase of that much.
        case = dataclasses.replace(case, amount_minor=found.amount_minor)
    elif found.amount_minor:
        assert rules.assess(dataclasses.replace(case, amount_minor=found.amount_minor)).outcome != "decline"
    for codes in [found.codes] if found.together else [(code,) for code in found.codes]:
        changed = case
        for code in codes:
            assert rules.assess(changed).outcome == "decline"
            changed = _CHANGES[code](changed)
        assert rules.assess(changed).outcome != "decline"
    assert {*_CHANGES, "paid_with_us", "next_on_time", "more_left"} == HELPS.keys()


def test_each_fact_that_raises_the_limit_is_told_with_that_limit():
    case = inputs(MIDDLING)
    found = what_raises(case, rules.assess)
    assert found == [("little_in_use", 150_000), ("no_inquiries", 150_000), ("paid_with_us", 150_000), ("more_left", 140_000)]
    assert rules.assess(case).limit_minor == 120_000
    assert what_raises(dataclasses.replace(case, by_hand_minor=1), rules.assess) == []


def test_only_more_income_raises_the_limit_of_the_best_file():
    best = inputs(history=History(paid_on_time=4))
    assert what_raises(best, rules.assess) == [("more_left", rules.assess(best).limit_minor * 6 // 5)]
    assert what_raises_together(best, rules.assess) == ((), 0)
    assert what_raises(inputs(bureau=None, gap="no_file"), rules.assess_3) == []
    assert ("paid_with_us", 0) not in what_raises(inputs(history=History(paid_late=1)), rules.assess)


def test_facts_that_raise_the_limit_only_together_are_told_with_none_too_many():
    case = inputs(better(score=560, oldest_account_months=40, delinquencies_24m=1, inquiries_6m=3, utilization_pct=45))
    assert [code for code, _limit in what_raises(case, rules.assess) if code != "more_left"] == []
    codes, limit = what_raises_together(case, rules.assess)
    assert len(codes) > 1
    assert limit > rules.assess(case).limit_minor
    for code in codes:
        changed = case
        for other in codes:
            changed = changed if other == code else ({**_CHANGES, "paid_with_us": _record}[other])(changed)
        assert rules.assess(changed).limit_minor < limit
    assert what_raises_together(dataclasses.replace(case, by_hand_minor=1), rules.assess) == ((), 0)


income_helps = partial(would_income_help, assess=rules.assess_2)
LIMIT = rules.assess(inputs()).limit_minor
LEFT = {"income_minor": 10**9, "fixed_minor": 0, "lenders_minor": 0}


@pytest.mark.parametrize(
    ("case", "helps"),
    [
        (inputs(amount_minor=LIMIT + 1), True),
        (inputs(better(thin=True, disposable_income_minor=0)), True),
        (inputs(), False),
        (inputs(amount_minor=LIMIT + 1, own_minor=300), False),
        (inputs(amount_minor=LIMIT + 1, by_hand_minor=LIMIT), False),
        (inputs(amount_minor=LIMIT + 1, is_blocked=True), False),
        (inputs(amount_minor=LIMIT + 1, history=History(overdue_now=1)), False),
        (inputs(better(delinquencies_24m=7)), False),
        (inputs(None, gap="file_frozen"), False),
        (rules.with_bank(inputs(amount_minor=LIMIT + 1), {**LEFT, "income_minor": 1}, 0), False),
    ],
)
def test_the_bank_is_suggested_only_where_an_income_could_change_the_refusal(case, helps):
    assert income_helps(case) == helps


@given(any_inputs)
def test_where_the_bank_is_suggested_an_income_does_change_the_refusal(case):
    if income_helps(case):
        assert rules.assess_2(case).outcome == "decline"
        assert rules.assess_2(rules.with_bank(case, LEFT | {"income_minor": 10**12}, 0)).outcome != "decline"


def test_a_refusal_for_a_remark_and_the_amount_names_both():
    remark = Registered("rki", "RKI", "Lyngbyvej 2", "law", "report", hit="refuse", silent="refer", share_bps=5_000, remarks=1)
    case = inputs(registers=(remark,))
    room = rules.assess(dataclasses.replace(case, registers=())).limit_minor
    asked = dataclasses.replace(case, amount_minor=room + 100_000)
    found = helps(asked)
    assert (found.codes, found.together, found.amount_minor) == (("no_remarks",), True, room // 100 * 100)
    assert rules.assess(dataclasses.replace(asked, registers=(), amount_minor=found.amount_minor)).outcome != "decline"
    assert rules.assess(dataclasses.replace(asked, amount_minor=found.amount_minor)).outcome == "decline"
