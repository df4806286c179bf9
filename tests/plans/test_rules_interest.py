"""Re-pricing and early payment."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.rules.installments import InstallmentState, in_order
from plans.rules.interest import course_of, early_quote, reprice
from plans.rules.schedule import ProductTerms, build_schedule

START = date(2026, 1, 10)
MONTHLY = ProductTerms("monthly_6", 6, "monthly", rate_bps=1200)
PAY_IN_4 = ProductTerms("pay_in_4", 4, "biweekly", first="now")


def plan(terms=MONTHLY, principal=60000, start=START):
    return [
        InstallmentState(item.number, item.due_date, item.principal_minor, item.interest_minor)
        for item in build_schedule(terms, principal, start)
    ]


def paid(item):
    return replace(item, paid_principal_minor=item.principal_minor, paid_interest_minor=item.interest_minor)


def accrued(items, at, start=START, terms=MONTHLY):
    return course_of(in_order(items), at, terms, start).accrued


def interests(items):
    return [item.interest_minor for item in items]


def test_interest_accrues_by_days_of_the_period():
    assert accrued(plan(), START) == 0
    assert accrued(plan(), date(2026, 1, 20)) == Fraction(600 * 10, 31)
    assert accrued(plan(), date(2026, 2, 10)) == Fraction(-47, 100) + Fraction(47, 100)


def test_unchanged_principals_change_nothing():
    assert reprice(plan(), {}, at=date(2026, 3, 3), terms=MONTHLY, start=START) == tuple(plan())


def test_reprice_splits_the_current_period():
    items = plan()
    changed = reprice(items, {6: 0, 5: items[4].principal_minor - 9751}, at=date(2026, 1, 20), terms=MONTHLY, start=START)
    assert interests(changed) == [465, 302, 204, 104, 4, 0]
    assert changed[0].interest_minor == round((60000 * 10 + 40000 * 21) / 31 / 100)


def test_reprice_twice_in_a_period_keeps_what_accrued():
    once = reprice(plan(), {6: 0}, at=date(2026, 1, 20), terms=MONTHLY, start=START)
    twice = reprice(once, {5: 0}, at=date(2026, 1, 30), terms=MONTHLY, start=START)
    full, less, least = 60000, 60000 - 10249, 60000 - 10249 - 10149
    assert twice[0].interest_minor == round((full * 10 + less * 10 + least * 11) / 31 / 100)


def test_interest_of_a_canceled_installment_moves_on():
    items = plan()
    changed = reprice(items, {1: 0}, at=date(2026, 1, 20), terms=MONTHLY, start=START)
    rest = 60000 - items[0].principal_minor
    assert interests(changed)[:3] == [0, round((60000 * 10 + rest * 21) / 3100 + rest / 100), 404]


def test_all_canceled_leaves_what_accrued():
    changed = reprice(plan(), dict.fromkeys(range(1, 7), 0), at=date(2026, 1, 20), terms=MONTHLY, start=START)
    assert interests(changed) == [194, 0, 0, 0, 0, 0]


def test_due_installments_keep_their_interest():
    changed = reprice(plan(), dict.fromkeys(range(1, 7), 0), at=date(2026, 3, 10), terms=MONTHLY, start=START)
    assert interests(changed) == [600, 502, 0, 0, 0, 0]


def test_principal_cannot_grow():
    with pytest.raises(ValueError, match="less principal"):
        reprice(plan(), {1: 10**6}, at=START, terms=MONTHLY, start=START)


def test_next_early_costs_what_accrued_and_moves_the_rest():
    quote = early_quote(plan(), at=date(2026, 1, 20), terms=MONTHLY, start=START, numbers={1})
    assert (quote.amount_minor, quote.principal_minor, quote.interest_minor, quote.rebate_minor) == (9947, 9753, 194, 65)
    assert quote.paid == ((1, 9753, 194),)
    assert interests(quote.installments) == [194, 843, 404, 304, 204, 102]
    assert quote.installments[0].open_minor == 0


def test_a_second_one_early_follows_the_first():
    first = early_quote(plan(), at=date(2026, 1, 20), terms=MONTHLY, start=START, numbers={1})
    second = early_quote(first.installments, at=date(2026, 1, 30), terms=MONTHLY, start=START, numbers={2})
    balance = 60000 - 9753
    assert abs(second.interest_minor - balance * 10 / 3100) <= 1
    assert second.paid[0][:2] == (2, 9851)


def test_all_early_costs_principal_and_what_accrued():
    quote = early_quote(plan(), at=date(2026, 1, 20), terms=MONTHLY, start=START)
    assert (quote.amount_minor, quote.interest_minor, quote.rebate_minor) == (60194, 194, 1922)
    assert all(item.open_minor == 0 for item in quote.installments)


def test_overdue_costs_all_its_interest():
    quote = early_quote(plan(), at=date(2026, 2, 20), terms=MONTHLY, start=START)
    assert quote.paid[:2] == ((1, 9753, 600), (2, 9851, round(50247 / 100 * 10 / 28)))
    alone = early_quote(plan(), at=date(2026, 2, 20), terms=MONTHLY, start=START, numbers={1})
    assert (alone.paid, alone.rebate_minor) == (((1, 9753, 600),), 0)
    assert alone.installments[1:] == tuple(plan()[1:])


def test_partly_paid_installment_costs_the_rest():
    items = plan()
    items[0] = replace(items[0], paid_principal_minor=753, paid_interest_minor=100)
    quote = early_quote(items, at=date(2026, 1, 20), terms=MONTHLY, start=START, numbers={1})
    assert quote.principal_minor == 9000
    assert quote.interest_minor == round(500 - (60000 - 753) / 100 * 21 / 31)


def test_interest_free_is_just_the_amounts():
    items = [paid(plan(PAY_IN_4, 5727)[0]), *plan(PAY_IN_4, 5727)[1:]]
    assert early_quote(items, at=START, terms=PAY_IN_4, start=START, numbers={2}).amount_minor == 1432
    assert early_quote(items, at=START, terms=PAY_IN_4, start=START).amount_minor == 1432 * 2 + 1431


def test_nothing_open_cannot_be_quoted():
    with pytest.raises(ValueError, match="open"):
        early_quote([paid(item) for item in plan()], at=START, terms=MONTHLY, start=START)


@given(
    st.integers(1, 3_000_000),
    st.integers(1, 36),
    st.integers(1, 3600),
    st.sampled_from(["now", "later"]),
    st.sampled_from(["last", "first"]),
    st.sampled_from([("monthly", 0), ("biweekly", 0), ("days", 30), ("days", 1)]),
    st.dates(date(2024, 1, 1), date(2029, 12, 31)),
)
def test_on_the_day_of_capture_nothing_has_accrued(principal, count, rate, first, remainder, interval, start):
    terms = ProductTerms("m", count, interval[0], interval[1], first, rate, remainder)
    items = plan(terms, principal, start)
    assert accrued(items, start, start, terms) == 0
    assert early_quote(items, at=start, terms=terms, start=start).amount_minor == principal
    alone = early_quote(items, at=start, terms=terms, start=start, numbers={items[0].number})
    assert alone.interest_minor == 0
    if len(items) > 1:
        assert early_quote(alone.installments, at=start, terms=terms, start=start).interest_minor == 0
    assert sum(interests(reprice(items, dict.fromkeys(range(1, count + 1), 0), at=start, terms=terms, start=start))) == 0


@pytest.mark.parametrize(
    ("principal", "rate", "start"),
    [(100_000, 1490, date(2026, 1, 31)), (100_000, 1490, date(2026, 3, 31)), (240_000, 1490, date(2026, 8, 31)), (90_000, 1490, START)],
)
def test_a_part_that_began_on_a_month_end_costs_nothing_on_its_first_day(principal, rate, start):
    terms = ProductTerms("monthly_6", 6, "monthly", rate_bps=rate)
    quote = early_quote(plan(terms, principal, start), at=start, terms=terms, start=start)
    assert (quote.amount_minor, quote.interest_minor) == (principal, 0)


def test_interest_of_a_clamped_first_period_accrues_by_its_own_days():
    items = plan(MONTHLY, 60000, date(2028, 1, 31))
    assert items[0].due_date == date(2028, 2, 29)
    assert accrued(items, date(2028, 2, 1), date(2028, 1, 31)) == Fraction(600, 29)
    assert accrued(items, date(2028, 3, 1), date(2028, 1, 31)) == 502 - Fraction(50247 * 30, 3100)


def test_two_installments_on_one_day_divide_by_nothing():
    items = plan()
    items[1] = replace(items[1], due_date=items[2].due_date)
    quote = early_quote(items, at=START, terms=MONTHLY, start=START)
    assert (quote.amount_minor, quote.interest_minor) == (60000, 0)
    half = early_quote(items, at=date(2026, 2, 24), terms=MONTHLY, start=START)
    # 14 of 59 days of the second period, which is the longer one now; the third begins and ends on one day.
    assert half.paid[:3] == ((1, 9753, 600), (2, 9851, round(502 - 502.47 * 45 / 59)), (3, 9949, 0))


def test_interest_that_is_left_without_principal_stays():
    gone = reprice(plan(), dict.fromkeys(range(1, 7), 0), at=date(2026, 1, 20), terms=MONTHLY, start=START)
    assert reprice(gone, {}, at=date(2026, 1, 25), terms=MONTHLY, start=START) == gone
    quote = early_quote(gone, at=date(2026, 1, 25), terms=MONTHLY, start=START)
    assert (quote.amount_minor, quote.paid, quote.rebate_minor) == (194, ((1, 0, 194),), 0)


def test_a_later_one_early_costs_its_principal_and_no_interest():
    quote = early_quote(plan(), at=date(2026, 1, 20), terms=MONTHLY, start=START, numbers={6})
    assert quote.paid == ((6, 10249, 0),)
    less = 60000 - 10249
    assert interests(quote.installments)[0] == round((60000 * 10 + less * 21) / 3100)
    assert interests(quote.installments)[5] == 0


@given(
    st.integers(100, 3_000_000),
    st.integers(1, 24),
    st.integers(0, 3600),
    st.integers(0, 24),
    st.integers(0, 800),
    st.sampled_from(["next", "all", "some"]),
    st.sampled_from(["now", "later"]),
    st.dates(date(2024, 1, 1), date(2029, 12, 31)),
    st.data(),
)
def test_no_early_payment_costs_more_than_waiting(principal, count, rate, done, days, scope, first, start, data):
    terms = ProductTerms("m", count, "monthly", first=first, rate_bps=rate)
    items = [paid(item) if item.number <= min(done, count - 1) else item for item in plan(terms, principal, start)]
    opened = [item.number for item in items if item.open_minor]
    some = data.draw(st.sets(st.sampled_from(opened), min_size=1)) if scope == "some" else {opened[0]}
    numbers = None if scope == "all" else some
    quote = early_quote(items, at=start + timedelta(days=days), terms=terms, start=start, numbers=numbers)
    assert quote.rebate_minor >= 0
    assert quote.amount_minor == sum(part[1] + part[2] for part in quote.paid)
    left = sum(item.open_minor for item in quote.installments)
    assert quote.amount_minor + left + quote.rebate_minor == sum(item.open_minor for item in items)
    assert [item.principal_minor for item in quote.installments] == [item.principal_minor for item in items]
    if scope == "all":
        assert left == 0


@given(st.integers(100, 3_000_000), st.integers(2, 24), st.integers(0, 3600), st.integers(0, 800), st.data())
def test_repricing_never_raises_interest(principal, count, rate, days, data):
    terms = ProductTerms("m", count, "monthly", rate_bps=rate)
    items = plan(terms, principal)
    new = {item.number: data.draw(st.integers(0, item.principal_minor)) for item in items}
    changed = reprice(items, new, at=START + timedelta(days=days), terms=terms, start=START)
    assert {item.number: item.principal_minor for item in changed} == new
    assert all(item.interest_minor >= 0 for item in changed)
    assert sum(interests(changed)) <= sum(interests(items))
