"""Days on which nobody is asked to pay: by a market's setting, and the next hour after them."""

from datetime import UTC, date, datetime, time

import pytest

from core.hours import after_quiet_hours
from markets.queries import asked_from, is_quiet

BERLIN = "Europe/Berlin"


def test_a_quiet_day_is_passed_over_to_the_first_hour_of_the_next():
    christmas = {date(2026, 12, 25), date(2026, 12, 26), date(2026, 12, 27)}.__contains__
    morning = datetime(2026, 12, 28, 7, tzinfo=UTC)
    for day, hour in ((24, 20), (25, 5), (25, 12)):
        assert after_quiet_hours(datetime(2026, 12, day, hour, tzinfo=UTC), BERLIN, (time(8), time(21)), christmas) == morning


@pytest.mark.django_db
def test_sundays_and_holidays_of_germany_are_quiet_and_those_of_denmark_are_not():
    assert [is_quiet("DE", date(2026, 12, day)) for day in (24, 25, 26, 27, 28)] == [False, True, True, True, False]
    assert not is_quiet("DK", date(2026, 12, 25))
    assert is_quiet("AU", date(2027, 4, 25))
    friday = datetime(2026, 12, 25, 12, tzinfo=UTC)
    assert asked_from("DE", BERLIN, friday) == datetime(2026, 12, 28, 7, tzinfo=UTC)
    assert asked_from("DK", "Europe/Copenhagen", friday) == friday
