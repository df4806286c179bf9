"""Refund rules; the golden cases are those of the product's facts."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.rules.installments import InstallmentState
from plans.rules.refunds import apply_refund as refund_part
from plans.rules.refunds import refundable_minor
from plans.rules.schedule import ProductTerms, build_schedule

START = date(2026, 1, 10)
PAY_IN_4 = ProductTerms("pay_in_4", 4, "biweekly", first="now")
RULES = ["last_first", "next_first", "pro_rata", "reamortize"]


def plan(terms, principal, done=0):
    items = [
        InstallmentState(item.number, item.due_date, item.principal_minor, item.interest_minor)
        for item in build_schedule(terms, principal, START)
    ]
    return [
        replace(item, paid_principal_minor=item.principal_minor, paid_interest_minor=item.interest_minor) if item.number <= done else item
        for item in items
    ]


def apply_refund(items, amount, *, at, rule="last_first", terms=PAY_IN_4):
    return refund_part(items, amount, rule=rule, at=at, terms=terms, start=START)


def test_last_first_cancels_the_last_and_shrinks_the_one_before():
    result = apply_refund(plan(PAY_IN_4, 50040, done=2), 14310, at=START + timedelta(days=20))
    assert [item.principal_minor for item in result.installments] == [12510, 12510, 10710, 0]
    assert [(line.number, line.canceled_minor) for line in result.lines] == [(1, 0), (2, 0), (3, 1800), (4, 12510)]
    assert (result.back, result.canceled_minor) == ((), 14310)


def test_a_paid_plan_gives_back_to_the_newest_first():
    result = apply_refund(plan(PAY_IN_4, 5727, done=4), 1500, at=START + timedelta(days=60))
    assert (result.back, result.back_minor, result.canceled_minor) == (((4, 1431), (3, 69)), 1500, 0)
    assert [item.refunded_minor for item in result.installments] == [0, 0, 69, 1431]


def test_a_second_refund_does_not_give_back_the_same_money():
    first = apply_refund(plan(PAY_IN_4, 5727, done=4), 1500, at=START)
    second = apply_refund(first.installments, 1400, at=START)
    assert second.back == ((3, 1363), (2, 37))
    assert refundable_minor(second.installments) == 5727 - 2900


def test_reamortize_clears_what_is_past_due_and_spreads_the_rest():
    result = apply_refund(plan(PAY_IN_4, 50000), 30000, rule="reamortize", at=START + timedelta(days=1))
    assert [line.canceled_principal_minor for line in result.lines] == [12500, 5833, 5833, 5834]
    assert [item.open_principal_minor for item in result.installments] == [0, 6667, 6667, 6666]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("last_first", [0, 12500, 12500, 2500]),
        ("next_first", [0, 2500, 12500, 12500]),
        ("pro_rata", [0, 9167, 9166, 9167]),
        ("reamortize", [0, 9167, 9167, 9166]),
    ],
)
def test_rules_differ_in_what_they_shrink(rule, expected):
    result = apply_refund(plan(PAY_IN_4, 50000, done=1), 10000, rule=rule, at=START + timedelta(days=1))
    assert [item.open_principal_minor for item in result.installments] == expected


def test_more_than_is_open_cancels_all_and_gives_back_the_rest():
    result = apply_refund(plan(PAY_IN_4, 50000, done=2), 30000, rule="pro_rata", at=START)
    assert (result.canceled_minor, result.back) == (25000, ((2, 5000),))


def test_interest_not_yet_accrued_is_rebated_and_paid_interest_kept():
    terms = ProductTerms("monthly_6", 6, "monthly", rate_bps=1200)
    result = apply_refund(plan(terms, 60000), 20000, at=date(2026, 1, 20), terms=terms)
    assert [line.interest_minor for line in result.lines] == [465, 302, 204, 104, 4, 0]
    assert (result.rebate_interest_minor, result.canceled_minor) == (1037, 20000)
    whole = apply_refund(plan(terms, 60000, done=1), 60000, at=date(2026, 2, 10), terms=terms)
    assert whole.back == ((1, 9753),)
    assert [item.interest_minor for item in whole.installments] == [600, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("amount", [0, -5, 5728])
def test_impossible_refunds_are_refused(amount):
    with pytest.raises(ValueError, match="refund"):
        apply_refund(plan(PAY_IN_4, 5727), amount, at=START)


@given(
    st.integers(10, 2_000_000),
    st.integers(1, 24),
    st.integers(0, 3600),
    st.integers(0, 24),
    st.integers(0, 800),
    st.sampled_from(RULES),
    st.data(),
)
def test_refunds_conserve_money(principal, count, rate, done, days, rule, data):
    terms = ProductTerms("m", count, "monthly", rate_bps=rate)
    items, at = plan(terms, principal, done), START + timedelta(days=days)
    if done < count and done < principal and data.draw(st.booleans()):
        index = next((i for i, item in enumerate(items) if item.open_principal_minor), 0)
        items[index] = replace(items[index], paid_principal_minor=data.draw(st.integers(0, items[index].principal_minor)))
    for _ in range(2):
        most = refundable_minor(items)
        if not most:
            break
        refund = data.draw(st.integers(1, most))
        result = apply_refund(items, refund, rule=rule, at=at, terms=terms)
        assert result.canceled_minor + result.back_minor == refund
        assert sum(line.canceled_principal_minor for line in result.lines) == result.canceled_minor
        assert result.rebate_interest_minor == sum(line.canceled_interest_minor for line in result.lines) >= 0
        assert [number for number, _ in result.back] == sorted((number for number, _ in result.back), reverse=True)
        assert all(amount > 0 for _, amount in result.back)
        assert refundable_minor(result.installments) == most - refund
        if result.back:
            assert all(item.open_principal_minor == 0 for item in result.installments)
        items = list(result.installments)
