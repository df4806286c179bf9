"""Since when a payment is owed again."""

from datetime import UTC, date, datetime
from functools import partial

import pytest

from core.clock import local_date
from plans.rules.reopened import owed_again_since
from tests.plans.test_rules_endings import Change, row

NEW_YORK = partial(local_date, zone="America/New_York")
NIGHT = datetime(2026, 12, 2, 3, tzinfo=UTC)
"""The first of December in New York."""


def taken_back(paid=100, due="2026-11-20", at=NIGHT, kind="reversed", left=0):
    before = [row(1, 100, "paid", paid=paid) | {"due_date": due}, row(2, 100, "scheduled") | {"due_date": "2026-12-20"}]
    return Change(kind, before, [row(1, 100, "overdue", paid=left) | {"due_date": due}, before[1]], at)


@pytest.mark.parametrize(
    ("change", "since"),
    [
        (taken_back(), {1: date(2026, 12, 1)}),
        (taken_back(left=40), {1: date(2026, 12, 1)}),
        (taken_back(paid=60), {}),  # Part of it was late all along.
        (taken_back(due="2026-12-01"), {}),  # It may still be paid in time.
        (taken_back(kind="refund"), {}),
        (taken_back(left=100), {}),
    ],
)
def test_what_was_paid_in_full_is_owed_again_from_the_day_on_which_the_bank_took_it_back(change, since):
    assert owed_again_since([change], NEW_YORK) == since


def test_the_last_time_counts_and_what_is_taken_of_the_rest_changes_nothing():
    again = [taken_back(at=datetime(2026, 11, day, 12, tzinfo=UTC)) for day in (22, 25)]
    assert owed_again_since([*again, taken_back(paid=40)], NEW_YORK) == {1: date(2026, 11, 25)}
