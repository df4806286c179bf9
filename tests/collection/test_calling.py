"""When a late person may be called next: by how often they were called, when they spoke, and the hour where they are."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from collection.calling import Called, CallRules, next_call

ZONE = "America/Los_Angeles"
# Noon of the 20th in Los Angeles.
NOON = datetime(2026, 12, 20, 20, tzinfo=UTC)
TODAY = date(2026, 12, 20)


def called(days_ago, *debts, talked=False):
    return Called(TODAY - timedelta(days=days_ago), frozenset(debts or ("a",)), talked)


def allowed(calls, debts=("a",), at=NOON, rules=CallRules()):  # noqa: B008  (frozen)
    found = next_call(debts, calls, rules=rules, hours=(time(8), time(21)), zone=ZONE, at=at)
    return found.why, found.at


def morning(days):
    """Eight o'clock in Los Angeles, some days from today."""
    return datetime(2026, 12, 20, 16, tzinfo=UTC) + timedelta(days=days)


@pytest.mark.parametrize(
    ("calls", "waits"),
    [
        ([], ("", NOON)),
        ([called(0)] * 6, ("", NOON)),
        ([called(0)] * 7, ("often", morning(7))),
        ([called(6), *[called(1)] * 6], ("often", morning(1))),
        ([called(7), *[called(1)] * 6], ("", NOON)),
        ([called(6, talked=True)], ("talked", morning(1))),
        ([called(7, talked=True)], ("", NOON)),
        ([called(2, talked=True), *[called(1)] * 6], ("talked", morning(5))),
        ([called(5, talked=True), *[called(0)] * 7], ("often", morning(7))),
        ([*[called(0, "b")] * 9], ("", NOON)),
    ],
)
def test_seven_calls_in_seven_days_and_none_for_seven_after_a_talk(calls, waits):
    assert allowed(calls) == waits


def test_one_debt_that_may_not_be_called_about_holds_a_call_back():
    calls = [called(3, "b", talked=True)]
    assert allowed(calls, ("a",)) == ("", NOON)
    assert allowed(calls, ("a", "b")) == ("talked", morning(4))


@pytest.mark.parametrize(("hour", "waits"), [(15, morning(0)), (16, None), (28, None), (29, morning(1))])
def test_only_in_the_hours_at_the_person_s_place(hour, waits):
    at = datetime(2026, 12, 20, tzinfo=UTC) + timedelta(hours=hour)
    assert allowed([], at=at) == (("hours", waits) if waits else ("", at))


def test_a_market_s_own_numbers_count():
    assert allowed([called(0)] * 2, rules=CallRules(most=2, days=3)) == ("often", morning(3))
