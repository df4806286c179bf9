"""Worked cases of the laws and other sources, by their times and by their dates."""

import json
from datetime import date
from pathlib import Path

import pytest

from plans.rules.apr_case_dates import Interval, parse_interval
from plans.rules.apr_cases import read_cases, run_case, run_cases

VECTORS = sorted((Path(__file__).parent / "vectors").glob("apr_*.json"))
CASES = [(path.stem, case) for path in VECTORS for case in read_cases(path.read_text())]
QUARTERLY = {
    "id": "q",
    "law": "US",
    "unit_periods_per_year": 4,
    "advances": [{"amount": "10000.00", "periods": 0, "fraction": 0}],
    "dates": {"advance": "1978-06-23", "first_payment": "1978-10-01", "interval": "quarterly"},
    "apr_percent": "9.15",
    "decimals": 2,
    "streams": [{"amount": "385.00", "count": 40, "first": 1, "fraction": 0.0888888889}],
}


@pytest.mark.parametrize(("source", "case"), CASES, ids=[f"{source}-{case['id']}" for source, case in CASES])
def test_published_apr(source, case):
    result = run_case(case)
    assert result.passed, str(result)
    assert result.dates_used == (case["dates"] is not None)


def test_missed_cases_come_first():
    wrong = {**QUARTERLY, "id": "wrong", "apr_percent": "9.16"}
    assert [(result.case_id, result.passed) for result in run_cases([QUARTERLY, wrong])] == [("wrong", False), ("q", True)]


def test_dates_that_tell_another_story_are_a_miss():
    moved = {**QUARTERLY, "dates": {**QUARTERLY["dates"], "advance": "1978-05-23"}}
    result = run_case(moved)
    assert (result.passed, str(result)) == (False, "q: published 9.15, by times 9.15, by dates 8.97")


@pytest.mark.parametrize("dates", [None, {}, {"advance": "1978-06-23"}, {"interval": "quarterly", "first_payment": "1978-10-01"}])
def test_missing_dates_are_no_miss(dates):
    result = run_case({**QUARTERLY, "dates": dates, "extra": {"unknown": 1}})
    assert (result.passed, result.dates_used) == (True, False)


def test_a_broken_case_is_a_miss_that_says_why():
    result = run_case({"id": "b", "law": "EU", "apr_percent": "1.0", "decimals": 1, "streams": []})
    assert (result.passed, str(result)) == (False, "b: published 1.0, KeyError: 'advances'")


def test_numbers_may_be_text_numbers_or_fractions():
    streams = [{"amount": 385, "count": "40", "first": "1", "fraction": "4/45"}]
    assert run_case({**QUARTERLY, "streams": streams, "unit_periods_per_year": "4.0"}).passed
    assert all(run_case(case).passed for case in read_cases(json.dumps([QUARTERLY])))


@pytest.mark.parametrize("published", ["0", "0.00"])
def test_zero_apr(published):
    even = [{"amount": "100", "count": 4, "first": 0, "step": "2/52"}]
    case = {"id": "z", "law": "EU", "advances": [{"amount": 400, "years": 0}], "streams": even, "apr_percent": published, "decimals": 2}
    assert run_case(case).passed


@pytest.mark.parametrize(
    ("text", "kind", "multiple"),
    [
        ("monthly, odd first payment", "month", 1),
        ("month", "month", 1),
        ("monthly (24 months)", "month", 1),
        ("semimonthly 1st/16th", "semimonth", 1),
        ("every 4 weeks", "week", 4),
        ("4-weekly", "week", 4),
        ("biweekly", "week", 2),
        ("every two months", "month", 2),
        ("half-yearly", "month", 6),
        ("year", "month", 12),
        ("single payment, 255 days", "day", 1),
        ("each 10 days", "day", 10),
    ],
)
def test_interval_in_words(text, kind, multiple):
    interval = parse_interval(text)
    assert (interval.kind, interval.multiple) == (kind, multiple)


def test_semimonthly_dates_alternate():
    interval = Interval("semimonth", month_days=(15, 31))
    first = run_dates(interval, "2026-01-31", 4)
    assert first == ["2026-01-31", "2026-02-15", "2026-02-28", "2026-03-15"]


def run_dates(interval, first, count):
    return [interval.after(date.fromisoformat(first), index).isoformat() for index in range(count)]
