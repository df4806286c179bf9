"""Due dates and business days: the four rules, in calendars of several countries, and payments that begin later."""

from datetime import date
from itertools import islice

import pytest

from core.business_days import is_business_day, on_business_day
from plans.rules.schedule import ProductTerms, build_schedule, due_dates

SATURDAY = date(2026, 10, 31)


@pytest.mark.parametrize(
    ("rule", "day"),
    [("as_is", SATURDAY), ("next", date(2026, 11, 2)), ("previous", date(2026, 10, 30)), ("modified", date(2026, 10, 30))],
)
def test_a_date_on_a_weekend_moves_by_the_rule(rule, day):
    assert on_business_day(SATURDAY, rule, "US") == day


@pytest.mark.parametrize(
    ("country", "day", "moved"),
    [
        ("US", date(2026, 11, 26), date(2026, 11, 27)),  # Thanksgiving
        ("GB", date(2026, 12, 25), date(2026, 12, 29)),  # Christmas, a weekend, and Boxing Day's substitute
        ("DK", date(2026, 5, 14), date(2026, 5, 15)),  # Ascension Day
        ("SE", date(2026, 6, 6), date(2026, 6, 8)),  # the national day, a Saturday
        ("AU", date(2027, 1, 26), date(2027, 1, 27)),  # Australia Day
        ("DE", date(2026, 12, 24), date(2026, 12, 24)),  # no holiday by law
    ],
)
def test_each_market_has_its_own_holidays(country, day, moved):
    assert on_business_day(day, "next", country) == moved
    assert is_business_day(moved, country)


def test_months_keep_to_the_first_days_day_though_one_payment_moved():
    terms = ProductTerms("m", 4, "monthly", day_rule="next", calendar="DK")
    assert list(islice(due_dates(terms, date(2026, 10, 22)), 4)) == [
        date(2026, 11, 23),
        date(2026, 12, 22),
        date(2027, 1, 22),
        date(2027, 2, 22),
    ]


def test_what_is_due_at_once_stays_and_nothing_falls_before_it():
    terms = ProductTerms("b", 2, "biweekly", first="now", day_rule="next", calendar="US")
    assert next(due_dates(terms, SATURDAY)) == SATURDAY
    tomorrow = ProductTerms("d", 1, "days", interval_days=1, day_rule="previous", calendar="US")
    assert next(due_dates(tomorrow, SATURDAY)) == date(2026, 11, 2)


def test_skipped_intervals_move_all_payments_but_the_one_at_once():
    start = date(2026, 1, 31)
    later = ProductTerms("m", 2, "monthly", skipped=3)
    assert [row.due_date for row in build_schedule(later, 1_000, start)] == [date(2026, 5, 31), date(2026, 6, 30)]
    at_once = ProductTerms("m", 2, "monthly", first="now", skipped=3)
    assert [row.due_date for row in build_schedule(at_once, 1_000, start)] == [start, date(2026, 5, 31)]
