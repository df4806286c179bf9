"""Legal APR from real dates."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.months import add_months
from plans.rules.apr import display_apr_bps, eu_apr, legal_apr, round_percent, us_apr, us_unit_periods
from plans.rules.rates import Flow, NoRateError, solve_rate
from plans.rules.schedule import ProductTerms, build_schedule
from plans.rules.unit_periods import find_unit_period, unit_period
from plans.rules.year_fractions import count_years

START = date(2026, 1, 15)


def fortnights(count, minor, start=START):
    return [(start + timedelta(days=14 * index), minor) for index in range(count)]


def months(count, minor, start=START):
    return [(add_months(start, index + 1), minor) for index in range(count)]


@pytest.mark.parametrize("law", ["US", "EU", "UK", "AU"])
def test_interest_free_plans_have_no_apr(law):
    assert legal_apr(law, START, 10000, fortnights(4, 2500)) == 0
    assert legal_apr(law, START, 10000, [(START + timedelta(days=30), 10000)]) == 0


def test_a_payment_at_once_lowers_what_is_financed():
    later = [(day, minor) for day, minor in fortnights(4, 2600) if day > START]
    assert us_apr([(START, 10000)], fortnights(4, 2600)) == us_apr([(START, 7400)], later)


def test_law_shows_its_own_decimals():
    percent = Decimal("19.946")
    assert [display_apr_bps(law, percent) for law in ("US", "AU", "EU", "UK")] == [1995, 1995, 1990, 1990]
    assert display_apr_bps("EU", Decimal("12.95")) == 1300


def test_nominal_and_effective():
    start = date(2026, 1, 31)
    schedule = build_schedule(ProductTerms("m", 12, "monthly", rate_bps=1999), 120000, start)
    payments = [(row.due_date, row.amount_minor) for row in schedule]
    assert {law: display_apr_bps(law, legal_apr(law, start, 120000, payments)) for law in ("US", "EU")} == {"US": 1999, "EU": 2190}


def test_less_paid_back_than_lent_is_a_negative_rate():
    assert round_percent(eu_apr([(START, 10000)], [(add_months(START, 12), 9000)]), 4) == Decimal("-10.0000")


@pytest.mark.parametrize("payments", [[(START, 20000)], [(add_months(START, 1), 0)]])
def test_no_rate_is_said(payments):
    with pytest.raises(NoRateError):
        legal_apr("EU", START, 10000, payments)


def test_unknown_law_is_refused():
    with pytest.raises(ValueError, match="law"):
        legal_apr("XX", START, 10000, fortnights(2, 6000))


@given(st.integers(1_000, 10**7), st.integers(1, 36), st.integers(0, 400), st.sampled_from(["US", "EU"]))
def test_rate_balances_the_flows(principal, count, charge_percent, law):
    payment = principal * (100 + charge_percent) // (100 * count)
    assume(payment)
    percent = legal_apr(law, START, principal, months(count, payment))
    rate = (1 + percent / 100) ** (Decimal(1) / 12) - 1 if law == "EU" else percent / 1200
    worth = sum(payment / (1 + rate) ** (index + 1) for index in range(count))
    assert abs(worth - principal) < Decimal("0.000001") * principal


def test_huge_rate():
    flows = [Flow(Fraction(-15000), Fraction(0)), Flow(Fraction(19199), Fraction(9, 365))]
    assert round_percent(solve_rate(flows) * 100, 1) == round_percent((Decimal(19199) / 15000) ** (Decimal(365) / 9) * 100 - 100, 1)


def months_of(*days):
    return [date.fromisoformat(day) for day in days]


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-01-31", ["2026-02-28", "2026-03-31", "2026-04-30"], unit_period("month")),
        ("2026-01-15", ["2026-01-29", "2026-02-12", "2026-02-26", "2026-03-12"], unit_period("week", 2)),
        ("2026-02-01", ["2026-02-15", "2026-03-01", "2026-03-15"], unit_period("week", 2)),
        ("2026-01-20", ["2026-02-01", "2026-02-15", "2026-03-01", "2026-03-15", "2026-04-01"], unit_period("semimonth")),
        ("2026-01-01", ["2026-04-01", "2026-07-01"], unit_period("month", 3)),
        ("2026-01-01", ["2026-01-11", "2026-01-21", "2026-01-31"], unit_period("day", 10)),
        ("2026-01-01", ["2026-02-15", "2026-03-15"], unit_period("week", 5)),
        ("2026-01-01", ["2028-01-01", "2030-01-01"], unit_period("month", 12)),
    ],
)
def test_unit_period_is_the_most_common(start, days, expected):
    assert find_unit_period(date.fromisoformat(start), [], months_of(*days)) == expected


def test_odd_days_are_counted_before_the_months():
    per_year, _, times = us_unit_periods([date(1978, 2, 10)], months_of("1978-04-01", "1978-05-01", "1978-06-01"))
    assert (per_year, times) == (12, [(1, Fraction(19, 30)), (2, Fraction(19, 30)), (3, Fraction(19, 30))])


def test_single_payment_after_whole_months_by_months_or_days():
    advance, payment = [(date(1978, 1, 15), 100000)], [(date(1978, 7, 15), 104400)]
    assert round_percent(us_apr(advance, payment), 2) == Decimal("8.80")
    assert round_percent(us_apr(advance, payment, single_by_days=True), 2) == Decimal("8.87")


def test_eu_odd_days_are_part_of_the_year_that_ends_with_them():
    assert count_years(date(2012, 1, 12), months_of("2012-02-15", "2012-03-15"))[0] == Fraction(1, 12) + Fraction(3, 365)
    assert count_years(date(2013, 1, 12), months_of("2013-02-15", "2013-03-15"))[0] == Fraction(1, 12) + Fraction(3, 366)
    assert count_years(date(2012, 1, 12), months_of("2012-02-15", "2013-02-15"))[0] == Fraction(34, 365)
    assert count_years(date(2026, 1, 1), months_of("2026-01-15", "2026-01-29")) == [Fraction(2, 52), Fraction(4, 52)]
    assert count_years(date(2026, 1, 31), months_of("2026-02-28")) == [Fraction(1, 12)]
    assert count_years(date(2026, 1, 15), months_of("2026-02-14")) == [Fraction(30, 365)]


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.integers(1, 36))
def test_monthly_plans_have_no_odd_days(start, count):
    days = [add_months(start, index + 1) for index in range(count)]
    assert count_years(start, days) == [Fraction(index + 1, 12) for index in range(count)]
    if count > 1:
        assert us_unit_periods([start], days)[2] == [(index + 1, 0) for index in range(count)]
