"""Quiet hours, channels, waits and dates."""

from datetime import UTC, date, datetime, timedelta

import pytest

from markets.queries import HOURS
from notifications import rules
from notifications.rules import KINDS, after_quiet_hours, channels, day_text, next_try, not_before

NY, CPH = "America/New_York", "Europe/Copenhagen"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "moment", "allowed"),
    [
        (NY, "2026-11-22 13:00:00", "2026-11-22 13:00:00"),  # 08:00
        (NY, "2026-11-22 12:59:59", "2026-11-22 13:00:00"),
        (NY, "2026-11-23 01:59:59", "2026-11-23 01:59:59"),  # 20:59:59
        (NY, "2026-11-23 02:00:00", "2026-11-23 13:00:00"),  # 21:00
        (NY, "2026-11-23 04:59:00", "2026-11-23 13:00:00"),  # just before midnight
        (NY, "2026-11-23 05:00:00", "2026-11-23 13:00:00"),  # midnight
        (CPH, "2026-11-22 06:00:00", "2026-11-22 07:00:00"),
        (CPH, "2026-11-22 20:00:00", "2026-11-23 07:00:00"),
        # The night in which the clock goes forward (8 March 2026) and the one in which it goes back (1 November 2026).
        (NY, "2026-03-08 03:00:00", "2026-03-08 12:00:00"),
        (NY, "2026-11-01 02:00:00", "2026-11-01 13:00:00"),
        # New Year's eve.
        (NY, "2027-01-01 03:00:00", "2027-01-01 13:00:00"),
    ],
)
def test_nobody_is_written_to_before_eight_or_after_nine_at_their_place(zone, moment, allowed):
    assert after_quiet_hours(at(moment), zone, HOURS) == at(allowed)


def test_only_what_answers_somebody_at_once_is_sent_at_night():
    night, morning = at("2026-11-23 03:00:00"), at("2026-11-23 13:00:00")
    waits = {kind: not_before(KINDS[kind], "email", at=night, zone=NY, hours=HOURS) == morning for kind in KINDS}
    assert [kind for kind, waiting in waits.items() if waiting] == [
        "order_takes_longer",
        "payment_upcoming",
        "payment_failed",
        "payment_late",
        "late_reminder",
        "late_notice",
        "payment_received",
        "payment_arrived",
        "deposit_paid",
        "deposit_failed",
        "deposit_returned",
        "payment_reversed",
        "payment_reinstated",
        "refund_failed",
        "refund_arrived",
        "plan_stopped",
        "plan_resumed",
        "relief_offered",
        "promise_made",
        "case_letter",
        "case_letter_asks",
        "settlement_offered",
        "settlement_accepted",
        "settlement_paid",
        "settlement_broken",
        "promise_broken",
        "plan_given_up",
        "debt_placed",
        "debt_recalled",
        "debt_sold",
        "debt_returned",
        "fee_charged",
        "reward_earned",
        "fees_ended",
    ]
    texts = {kind: not_before(KINDS[kind], "sms", at=night, zone=NY, hours=HOURS) == morning for kind in KINDS}
    assert [kind for kind, waiting in texts.items() if not waiting] == [
        "order_authorized",
        "order_held",
        "security_changed",
        "contact_change",
    ]
    assert all(not_before(told, "inbox", at=night, zone=NY, hours=HOURS) == night for told in KINDS.values())


def test_important_kinds_go_to_the_inbox_and_one_other_channel():
    assert channels(KINDS["payment_failed"], has_email=True) == ["inbox", "email"]
    assert channels(KINDS["payment_failed"], has_email=False) == ["inbox", "sms"]
    assert channels(KINDS["payment_received"], has_email=True) == ["inbox", "email"]
    assert channels(KINDS["plan_completed"], has_email=True) == ["inbox"]
    assert channels(KINDS["limit_changed"], has_email=False) == ["inbox"]


def test_the_waits_after_a_failure():
    now = at("2026-11-22 12:00:00")
    assert [next_try(tries=tries, at=now) for tries in (1, 5, 6)] == [now + timedelta(minutes=1), now + timedelta(hours=6), None]
    assert len(rules.RETRY_S) == 5


def test_dates_are_written_with_the_weekday_in_local_form():
    day = date(2026, 12, 6)
    assert day_text(day, "en_US") == "Sunday, December 6"
    assert day_text(day, "en_GB") == "Sunday, 6 December"
    assert day_text(day, "da_DK") == "søndag den 6. december"
    assert day_text(day, "de_DE") == "Sonntag, 6. Dezember"


@pytest.mark.parametrize(
    ("places", "text"),
    [
        ([2], "payment 2"),
        ([1, 2], "payments 1 and 2"),
        ([1, 2, 3, 4, 5, 6], "payments 1 to 6"),
        ([1, 3], "payments 1 and 3"),
        ([1, 2, 4], "payments 1, 2 and 4"),
    ],
)
def test_payments_are_named_as_people_name_them(places, text):
    assert rules.payments_text(places) == text
