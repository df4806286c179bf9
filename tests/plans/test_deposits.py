"""Schedules, quotes and APR of plans with a deposit, to the minor unit."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import Money
from plans.models import Product
from plans.queries import make_quote
from plans.rules.installments import InstallmentState
from plans.rules.interest import early_quote
from plans.rules.schedule import ProductTerms, build_schedule, deposit_of, deposit_share

START = date(2026, 11, 30)
PAY_IN_4 = ProductTerms(code="pay_in_4", count=4, interval="biweekly", first="now")
MONTHS_6 = ProductTerms(code="monthly_6", count=6, interval="monthly", rate_bps=1_490)
IN_30 = ProductTerms(code="pay_in_30", count=1, interval="days", interval_days=30)


def test_a_deposit_is_one_more_payment_where_nothing_is_due_at_once():
    rows = build_schedule(IN_30, 10_001, START, deposit_minor=2_001)
    assert [(row.number, row.due_date, row.amount_minor) for row in rows] == [(1, START, 2_001), (2, date(2026, 12, 30), 8_000)]


def test_a_deposit_takes_the_place_of_a_first_payment_at_once():
    assert deposit_of(PAY_IN_4, 10_000, 4_000) == 4_000
    rows = build_schedule(PAY_IN_4, 10_000, START, deposit_minor=4_000)
    assert [row.amount_minor for row in rows] == [4_000, 2_000, 2_000, 2_000]
    assert [row.due_date for row in rows] == [row.due_date for row in build_schedule(PAY_IN_4, 10_000, START)]


def test_a_first_payment_that_is_enough_stays_as_it_is():
    assert deposit_of(PAY_IN_4, 5_727, 1_000) == 1_432
    assert build_schedule(PAY_IN_4, 5_727, START, deposit_minor=1_432) == build_schedule(PAY_IN_4, 5_727, START)
    assert (deposit_of(PAY_IN_4, 5_727, 0), deposit_of(MONTHS_6, 5_727, 0)) == (0, 0)


def test_what_is_lent_is_repaid_as_if_it_alone_were_lent():
    """The deposit bears no interest, and the annuity is that of the rest."""
    rows = build_schedule(MONTHS_6, 60_000, START, deposit_minor=12_000)
    assert (rows[0].amount_minor, rows[0].interest_minor) == (12_000, 0)
    alone = build_schedule(MONTHS_6, 48_000, START)
    assert [(row.due_date, row.principal_minor, row.interest_minor) for row in rows[1:]] == [
        (row.due_date, row.principal_minor, row.interest_minor) for row in alone
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("market", ["US", "DK"])
def test_the_apr_is_that_of_what_is_lent(market):
    product = Product.objects.select_related("market").get(market=market, code="monthly_6", active=True)
    with_deposit = make_quote(product, Money(600_000, product.currency), START, least_deposit_minor=120_000)
    alone = make_quote(product, Money(480_000, product.currency), START)
    assert (with_deposit.deposit_minor, with_deposit.financed_minor) == (120_000, 480_000)
    assert with_deposit.apr_bps == alone.apr_bps
    assert with_deposit.interest_minor == alone.interest_minor > 0
    assert with_deposit.total_minor == 600_000 + alone.interest_minor
    assert with_deposit.as_json()["deposit_minor"] == 120_000
    assert "deposit_minor" not in alone.as_json()


@given(
    amount=st.integers(2, 10**9),
    percent=st.integers(1, 90),
    terms=st.sampled_from([PAY_IN_4, MONTHS_6, IN_30]),
    remainder=st.sampled_from(["last", "first"]),
)
def test_principals_add_up_and_at_least_the_deposit_is_paid_at_once(amount, percent, terms, remainder):
    terms = ProductTerms(terms.code, terms.count, terms.interval, terms.interval_days, terms.first, terms.rate_bps, remainder)
    least = -(-amount * percent // 100)
    deposit = deposit_of(terms, amount, least)
    rows = build_schedule(terms, amount, START, deposit_minor=deposit)
    assert sum(row.principal_minor for row in rows) == amount
    assert rows[0].amount_minor == deposit >= least
    assert rows[0].due_date == START
    assert all(row.principal_minor > 0 for row in rows)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))


@given(st.data())
def test_the_shares_of_all_captures_add_up_to_the_deposit(data):
    amount = data.draw(st.integers(1, 10**9))
    whole = data.draw(st.integers(0, amount))
    captured = given_so_far = 0
    while captured < amount:
        part = data.draw(st.integers(max(1, (amount - captured) // 3), amount - captured))
        share = deposit_share(whole, given_so_far, captured_minor=captured, amount_minor=amount, part_minor=part)
        assert 0 <= share <= part
        captured, given_so_far = captured + part, given_so_far + share
        assert 0 <= whole - given_so_far <= amount - captured
    assert given_so_far == whole


def test_who_pays_all_on_the_first_day_pays_no_interest():
    rows = [
        InstallmentState(row.number, row.due_date, row.principal_minor, row.interest_minor)
        for row in build_schedule(MONTHS_6, 60_000, START, deposit_minor=12_000)
    ]
    quote = early_quote(rows, at=START, terms=MONTHS_6, start=START)
    assert (quote.amount_minor, quote.interest_minor) == (60_000, 0)
    assert quote.rebate_minor == sum(row.interest_minor for row in rows)
