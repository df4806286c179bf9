"""Money: exact, of one currency, and split so that it adds up again."""

from dataclasses import FrozenInstanceError

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.money import Money, allocate_minor, bps_of, exponent, share_minor

TOTALS = st.integers(min_value=0, max_value=10**12)
PARTS = st.integers(min_value=1, max_value=60)


@given(TOTALS, PARTS, st.sampled_from(["last", "first"]))
@example(5_727, 4, "last")
@example(0, 1, "last")
def test_equal_parts_add_up_and_differ_only_in_the_odd_one(total, parts, remainder):
    shares = allocate_minor(total, parts, remainder)
    assert (len(shares), sum(shares), min(shares) >= 0) == (parts, total, True)
    if total >= parts:
        equal = shares[:-1] if remainder == "last" else shares[1:]
        assert len(set(equal)) <= 1
        assert min(shares) >= 1
        assert abs(shares[-1] - shares[0]) < parts
    else:
        assert set(shares) <= {0, 1}
    assert allocate_minor(total, parts, "last") == allocate_minor(total, parts, "first")[::-1]


def test_the_industry_s_own_splits():
    assert allocate_minor(5_727, 4) == [1_432, 1_432, 1_432, 1_431]
    assert allocate_minor(5_727, 4, "first") == [1_431, 1_432, 1_432, 1_432]
    assert allocate_minor(10_000, 3) == [3_333, 3_333, 3_334]
    assert allocate_minor(2, 4) == [0, 0, 1, 1]


@given(TOTALS, st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=30).filter(any))
def test_proportional_parts_add_up_and_are_within_one_of_exact(total, weights):
    shares, whole = share_minor(total, weights), sum(weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert 0 <= share * whole - total * weight + whole <= 2 * whole
        assert weight or not share


@pytest.mark.parametrize(("total", "parts"), [(-1, 2), (5, 0), (5, -1)])
def test_a_split_of_nothing_sensible_is_refused(total, parts):
    with pytest.raises(ValueError, match="split"):
        allocate_minor(total, parts)


@pytest.mark.parametrize("weights", [[0, 0], [1, -1, 5]])
def test_weights_that_mean_nothing_are_refused(weights):
    with pytest.raises(ValueError, match="weights"):
        share_minor(10, weights)


@given(TOTALS, st.integers(min_value=0, max_value=10_000))
def test_basis_points_are_rounded_half_up(minor, bps):
    assert abs(bps_of(minor, bps) * 10_000 - minor * bps) <= 5_000
    assert bps_of(minor, 10_000) == minor
    assert bps_of(minor, 0) == 0


def test_half_a_minor_unit_goes_up():
    assert (bps_of(50, 100), bps_of(49, 100), bps_of(150, 100)) == (1, 0, 2)


@given(TOTALS, TOTALS)
def test_arithmetic_is_exact(a, b):
    left, right = Money(a, "USD"), Money(b, "USD")
    assert left + right == Money(a + b, "USD")
    assert left - right == -(right - left)
    assert (left < right) == (a < b)
    assert (left <= right) == (a <= b)
    assert bool(left) == (a != 0)


@given(TOTALS, PARTS)
def test_parts_of_money_are_money(total, parts):
    money = Money(total, "DKK")
    split = money.allocate(parts)
    assert {part.currency for part in split} == {"DKK"}
    assert sum(split, Money.zero("DKK")) == money
    assert sum(money.share([1] * parts), Money.zero("DKK")) == money


@pytest.mark.parametrize("act", [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b, lambda a, b: a <= b])
def test_currencies_do_not_mix(act):
    with pytest.raises(ValueError, match="cannot mix USD and EUR"):
        act(Money(1, "USD"), Money(1, "EUR"))


@pytest.mark.parametrize("minor", [1.0, True, "1", None])
def test_minor_units_are_whole_numbers(minor):
    with pytest.raises(TypeError):
        Money(minor, "USD")


def test_money_is_a_value():
    with pytest.raises(FrozenInstanceError):
        Money(1, "USD").minor = 2
    with pytest.raises(ValueError, match="currency"):
        Money(1, "DOLLAR")
    assert len({Money(1, "USD"), Money(1, "USD"), Money(1, "EUR")}) == 2


def test_texts_follow_the_locale_and_the_currency_s_own_decimals():
    assert Money(5_725, "USD").text() == "$57.25"
    assert Money(123_456_789, "EUR").text("de_DE") == "1.234.567,89\xa0€"
    assert Money(500, "JPY").text("en_US") == "¥500"
    assert (exponent("USD"), exponent("JPY")) == (2, 0)
    assert Money(10**12, "USD").text() == "$10,000,000,000.00"
