"""Fees, roles and statements, in figures."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchants.rules import PERMISSIONS, Statement, days_to_settle, end_of_day, fee_minor, may

MINOR = st.integers(min_value=0, max_value=10**12)


@pytest.mark.parametrize(
    ("amount", "bps", "fixed", "fee"),
    [
        (22_900, 400, 0, 916),
        (22_900, 400, 30, 946),
        (1, 400, 0, 0),
        (12, 400, 0, 0),
        (13, 400, 0, 1),
        (10, 400, 30, 10),
        (100, 10_000, 0, 100),
    ],
)
def test_fee(amount, bps, fixed, fee):
    assert fee_minor(amount_minor=amount, bps=bps, fixed_minor=fixed) == fee


@given(amount=st.integers(min_value=1, max_value=10**12), bps=st.integers(min_value=0, max_value=10_000), fixed=st.integers(0, 10**6))
def test_fee_is_never_more_than_the_sale(amount, bps, fixed):
    assert 0 <= fee_minor(amount_minor=amount, bps=bps, fixed_minor=fixed) <= amount


def test_days_begin_with_the_account_and_end_with_yesterday():
    today = date(2026, 11, 25)
    assert list(days_to_settle(last=None, created=date(2026, 11, 23), today=today)) == [date(2026, 11, 23), date(2026, 11, 24)]
    assert list(days_to_settle(last=date(2026, 11, 23), created=date(2026, 1, 1), today=today)) == [date(2026, 11, 24)]
    assert list(days_to_settle(last=date(2026, 11, 24), created=date(2026, 1, 1), today=today)) == []


def test_days_end_at_local_midnight_also_when_clocks_change():
    assert end_of_day(date(2026, 11, 1), "America/New_York").astimezone(UTC) == datetime(2026, 11, 2, 5, 0, tzinfo=UTC)
    assert end_of_day(date(2026, 10, 31), "America/New_York").astimezone(UTC) == datetime(2026, 11, 1, 4, 0, tzinfo=UTC)


@given(opening=st.integers(-(10**12), 0), sales=MINOR, returns=MINOR, fees=MINOR, back=MINOR, bounced=MINOR)
def test_statement_adds_up_and_never_pays_out_a_debt(opening, sales, returns, fees, back, bounced):
    made = Statement(
        opening_minor=opening, sales_minor=sales, returns_minor=returns, fees_minor=fees, fee_refunds_minor=back, bounced_minor=bounced
    )
    assert made.closing_minor == opening + sales - returns - fees + back + bounced - made.payout_minor
    assert made.payout_minor >= 0 >= made.closing_minor
    assert made.payout_minor == 0 or made.closing_minor == 0


def test_roles():
    assert all(may(role, "orders.read") for role in PERMISSIONS)
    assert [role for role in PERMISSIONS if may(role, "team.write")] == ["owner"]
    assert [role for role in PERMISSIONS if may(role, "orders.refund")] == ["finance", "manager", "owner"]
    assert not may("intruder", "orders.read")
