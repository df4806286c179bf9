"""Money: exact, of one currency, and split so that it adds up again."""

import csv
from dataclasses import FrozenInstanceError
from decimal import Decimal
from pathlib import Path

import pytest
from babel import Locale
from hypothesis import example, given
from hypothesis import strategies as st

from core.money import Money, allocate_minor, bps_of, exponent, units_of
from sandbox.money import DECIMALS, amount_text

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


@pytest.mark.parametrize(("total", "parts"), [(-1, 2), (5, 0), (5, -1)])
def test_a_split_of_nothing_sensible_is_refused(total, parts):
    with pytest.raises(ValueError, match="split"):
        allocate_minor(total, parts)


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


def iso_4217():
    """The list of ISO 4217 of 2026-01-01: (code, decimals), without the codes that have none: metals, units of account, tests."""
    path = Path(__file__).parent / "vectors" / "iso_4217.csv"
    return [(row["code"], int(row["minor_units"])) for row in csv.DictReader(path.read_text().splitlines())]


def test_decimals_are_those_of_iso_4217():
    listed = iso_4217()
    assert len(listed) == 165
    assert [(code, exponent(code)) for code, decimals in listed if exponent(code) != decimals] == []
    assert (exponent("RSD"), exponent("IQD"), exponent("JPY"), exponent("CLF")) == (2, 3, 0, 4)
    assert [code for code, decimals in listed if DECIMALS.get(code, 2) != decimals] == []


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(123_456, "RSD"), "RSD\xa01,234.56"),
        (Money(123_456, "IQD"), "IQD\xa0123.456"),
        (Money(123_456, "KWD"), "KWD\xa0123.456"),
        (Money(123_456, "ISK"), "ISK\xa0123,456"),
        (Money(-29_510, "DKK"), "-DKK\xa0295.10"),
        (Money(12_345_678_901_234_567_890_123, "USD"), "$123,456,789,012,345,678,901.23"),
    ],
)
def test_amounts_are_written_with_their_currency_s_decimals_and_exactly(money, text):
    assert money.text() == text


@given(st.integers(min_value=-(10**24), max_value=10**24), st.sampled_from([code for code, _ in iso_4217()]))
def test_what_is_written_reads_as_the_amount_that_it_is(minor, code):
    written = Money(minor, code).text("de_DE")
    digits = "".join(sign for sign in written.replace(",", ".") if sign.isdigit())
    assert int(digits) == abs(minor)
    assert written.startswith("-") == (minor < 0)
    assert units_of(minor, code) == Decimal(minor) / 10 ** exponent(code)


@pytest.mark.parametrize("locale", ["da_DK", "ar_EG", "hi_IN", "sv_SE", "fa_IR"])
def test_other_decimals_stand_in_every_locale_s_own_pattern(locale):
    assert Money(1_234_567, "KWD").text(locale).replace("\xa0", "")
    pattern = Locale.parse(locale).currency_formats["standard"].pattern
    assert "0.00" in pattern


def test_the_sandbox_writes_amounts_as_exactly():
    assert amount_text(5_725, "usd") == "57.25 USD"
    assert amount_text(5_725, "ISK") == "5,725 ISK"
    assert amount_text(10**19 + 1, "USD") == "100,000,000,000,000,000.01 USD"
