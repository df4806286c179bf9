"""Exact splits."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.rules.split import allocate_capped, allocate_minor, allocate_pro_rata, round_half_up, times_half_up

totals, parts = st.integers(0, 10**9), st.integers(1, 60)


@pytest.mark.parametrize(
    ("total", "count", "remainder", "expected"),
    [
        (5727, 4, "last", [1432, 1432, 1432, 1431]),
        (5727, 4, "first", [1431, 1432, 1432, 1432]),
        (50040, 4, "last", [12510] * 4),
        (17500, 3, "last", [5833, 5833, 5834]),
        (20000, 3, "last", [6667, 6667, 6666]),
        (6, 4, "last", [1, 1, 1, 3]),
        (5, 4, "last", [1, 1, 1, 2]),
        (3, 4, "last", [0, 1, 1, 1]),
        (1, 4, "first", [1, 0, 0, 0]),
        (0, 2, "last", [0, 0]),
    ],
)
def test_allocate_golden(total, count, remainder, expected):
    assert allocate_minor(total, count, remainder) == expected


@given(totals, parts, st.sampled_from(["last", "first"]))
def test_allocate_sums_and_stays_positive(total, count, remainder):
    shares = allocate_minor(total, count, remainder)
    equal = shares[:-1] if remainder == "last" else shares[1:]
    assert (sum(shares), len(shares), min(shares) >= 0) == (total, count, True)
    if total >= count:
        assert min(shares) >= 1
        assert len(set(equal)) <= 1


@pytest.mark.parametrize(("total", "count"), [(-1, 2), (5, 0)])
def test_allocate_refuses_nonsense(total, count):
    with pytest.raises(ValueError, match="split"):
        allocate_minor(total, count)


@given(st.data(), st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
def test_shares_stay_below_their_weights(data, weights):
    total = data.draw(st.integers(0, sum(weights)))
    for shares in (allocate_pro_rata(total, weights), allocate_capped(total, weights)):
        assert sum(shares) == total
        assert all(0 <= share <= weight for share, weight in zip(shares, weights, strict=True))


def test_capped_split_refuses_more_than_the_caps():
    with pytest.raises(ValueError, match="caps"):
        allocate_capped(4, [1, 2])


@pytest.mark.parametrize(("value", "expected"), [("1/2", 1), ("-1/2", -1), ("3/2", 2), ("149/100", 1), ("-149/100", -1)])
def test_round_half_up(value, expected):
    assert round_half_up(Fraction(value)) == expected


def test_an_amount_times_a_rate_is_rounded_like_the_fraction():
    rates = [Fraction(part, whole) for part in (0, 1, 7, 1999) for whole in (2, 12, 365, 120_000)]
    assert [times_half_up(minor, rate) for rate in rates for minor in range(60)] == [
        round_half_up(minor * rate) for rate in rates for minor in range(60)
    ]
