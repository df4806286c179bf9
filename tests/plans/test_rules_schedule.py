"""Installment schedules."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.rules.schedule import ProductTerms, build_schedule

PAY_IN_4 = ProductTerms("pay_in_4", 4, "biweekly", first="now")
PAY_IN_30 = ProductTerms("pay_in_30", 1, "days", interval_days=30)
MONTHLY_6 = ProductTerms("monthly_6", 6, "monthly")
MONTHLY_12 = ProductTerms("monthly_12", 12, "monthly", rate_bps=1999)


def rows(schedule):
    return [(item.due_date.isoformat(), item.principal_minor, item.interest_minor) for item in schedule]


def test_pay_in_4_is_four_times_two_weeks_from_now():
    assert rows(build_schedule(PAY_IN_4, 5727, date(2026, 1, 31))) == [
        ("2026-01-31", 1432, 0),
        ("2026-02-14", 1432, 0),
        ("2026-02-28", 1432, 0),
        ("2026-03-14", 1431, 0),
    ]


def test_pay_in_30_is_one_payment():
    assert rows(build_schedule(PAY_IN_30, 9999, date(2024, 2, 1))) == [("2024-03-02", 9999, 0)]


def test_months_keep_to_the_day_of_the_start():
    days = [item.due_date.isoformat() for item in build_schedule(MONTHLY_6, 60000, date(2027, 10, 31))]
    assert days == ["2027-11-30", "2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]


def test_annuity_has_equal_payments_and_the_difference_last():
    schedule = build_schedule(MONTHLY_12, 120000, date(2026, 1, 31))
    assert [item.amount_minor for item in schedule] == [11116] * 11 + [11110]
    assert rows(schedule)[:2] == [("2026-02-28", 9117, 1999), ("2026-03-31", 9269, 1847)]
    assert sum(item.interest_minor for item in schedule) == 13386


def test_annuity_can_have_the_difference_first():
    terms = ProductTerms("m", 12, "monthly", rate_bps=1999, remainder="first")
    schedule = build_schedule(terms, 120000, date(2026, 1, 31))
    amounts = [item.amount_minor for item in schedule]
    assert amounts[1:11] == [11116] * 10
    assert abs(amounts[11] - 11116) <= 1
    assert sum(item.principal_minor for item in schedule) == 120000


def test_first_payment_now_bears_no_interest():
    terms = ProductTerms("m", 3, "monthly", first="now", rate_bps=1200)
    schedule = build_schedule(terms, 30000, date(2026, 5, 1))
    assert schedule[0].interest_minor == 0
    assert schedule[1].interest_minor == round((30000 - schedule[0].principal_minor) / 100)


@pytest.mark.parametrize(("principal", "expected"), [(1, [1]), (2, [1, 1]), (3, [1, 1, 1]), (4, [1] * 4), (5, [1, 1, 1, 2])])
def test_tiny_amounts_make_fewer_installments(principal, expected):
    assert [item.amount_minor for item in build_schedule(PAY_IN_4, principal, date(2026, 1, 1))] == expected


@given(
    st.integers(1, 5_000_000),
    st.integers(1, 48),
    st.sampled_from(["biweekly", "monthly", "days"]),
    st.sampled_from(["now", "later"]),
    st.integers(0, 4900),
    st.sampled_from(["last", "first"]),
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
)
def test_every_schedule_is_exact(principal, count, interval, first, rate, remainder, start):
    terms = ProductTerms("x", count, interval, 10, first, rate, remainder)
    schedule = build_schedule(terms, principal, start)
    assert sum(item.principal_minor for item in schedule) == principal
    assert all(item.principal_minor >= 1 and item.interest_minor >= 0 for item in schedule)
    assert [item.number for item in schedule] == list(range(1, min(count, principal) + 1))
    days = [item.due_date for item in schedule]
    assert days == sorted(set(days))
    assert (days[0] == start) == (first == "now")


@pytest.mark.parametrize("values", [{"count": 0}, {"rate_bps": -1}, {"interval": "days"}])
def test_impossible_terms_are_refused(values):
    with pytest.raises(ValueError, match="impossible"):
        ProductTerms(**{"code": "x", "count": 4, "interval": "monthly", **values})


def test_nothing_cannot_be_scheduled():
    with pytest.raises(ValueError, match="principal"):
        build_schedule(PAY_IN_4, 0, date(2026, 1, 1))
