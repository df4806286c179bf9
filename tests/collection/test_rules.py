"""The retry table: when, and with which method, a failed payment is tried again."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from collection.rules import DECLINES, DeclineClass, choose_method, classify, judge, next_attempt, next_pay_day
from payments.failures import OUTAGES

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
A, B, C = (uuid.UUID(int=n) for n in (1, 2, 3))
ZONE = "America/New_York"


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        ("stolen_card", "hard"),
        ("lost_card", "hard"),
        ("expired_card", "hard"),
        ("account_closed", "hard"),
        ("payment_method_unknown", "hard"),
        ("insufficient_funds", "funds"),
        ("generic_decline", "funds"),
        ("do_not_honor", "funds"),
        ("a_code_of_next_year", "funds"),
        ("", "funds"),
        ("processing_error", "technical"),
        ("issuer_not_available", "technical"),
        ("authentication_required", "authentication"),
    ],
)
def test_each_decline_code_has_a_class(failure, kind):
    assert classify(failure) == kind


def test_missing_funds_wait_one_three_five_days_then_for_pay_day():
    waits = [next_attempt(kind=DeclineClass.FUNDS, tries=tries, at=AT, zone=ZONE) for tries in (1, 2, 3)]
    assert waits == [AT + timedelta(days=1), AT + timedelta(days=3), AT + timedelta(days=5)]
    assert next_attempt(kind=DeclineClass.FUNDS, tries=4, at=AT, zone=ZONE) == datetime(2026, 11, 25, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "expected"),
    [
        (datetime(2026, 11, 25, 12, tzinfo=UTC), ZONE, datetime(2026, 12, 1, 14, tzinfo=UTC)),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "Europe/Copenhagen", datetime(2027, 1, 15, 8, tzinfo=UTC)),
        (datetime(2026, 7, 14, 12, tzinfo=UTC), "Australia/Sydney", datetime(2026, 7, 14, 23, tzinfo=UTC)),
    ],
)
def test_pay_day_is_counted_where_the_consumer_lives(at, zone, expected):
    assert next_pay_day(at, zone) == expected


def test_technical_failures_wait_minutes_then_hours_then_a_day():
    minutes = [
        (next_attempt(kind=DeclineClass.TECHNICAL, tries=tries, at=AT, zone=ZONE) - AT).total_seconds() / 60 for tries in range(1, 9)
    ]
    assert minutes == [5, 15, 60, 180, 360, 720, 1440, 1440]


def verdict(failure, *, method=A, usable=(A,), tries=None):
    found = judge(failure=failure, method=method, usable=usable, tries=tries or {method: 1}, at=AT, zone=ZONE)
    return found.action, found.next_attempt_at, found.blocks


def test_a_stolen_card_is_never_charged_again():
    assert verdict("stolen_card") == ("replace_method", None, True)
    assert verdict("stolen_card", usable=(A, B)) == ("retry", None, True)


def test_a_card_that_needs_its_person_is_not_tried_blindly():
    assert verdict("authentication_required") == ("authenticate", None, True)
    assert verdict("authentication_required", usable=(A, B)) == ("retry", None, True)


def test_backups_have_their_turn_before_the_second_day():
    assert verdict("insufficient_funds") == ("retry", AT + timedelta(days=1), False)
    assert verdict("insufficient_funds", usable=(A, B)) == ("retry", None, False)
    assert verdict("insufficient_funds", method=B, usable=(A, B), tries={A: 1, B: 1}) == ("retry", AT + timedelta(days=1), False)
    assert verdict("lost_card", method=B, usable=(A, B), tries={A: 2, B: 1}) == ("retry", AT + timedelta(days=3), True)


def test_the_method_that_failed_least_is_next():
    assert choose_method(usable=(A, B), tries={}) == A
    assert choose_method(usable=(A, B), tries={A: 1}) == B
    assert choose_method(usable=(A, B, C), tries={A: 1, B: 1}) == C
    assert choose_method(usable=(A, B), tries={A: 1, B: 1}) == A
    assert choose_method(usable=(), tries={A: 1}) is None


def test_what_is_tried_again_within_minutes_is_what_checkout_calls_no_refusal():
    assert {code for code, kind in DECLINES.items() if kind is DeclineClass.TECHNICAL} == OUTAGES
