"""How late plans are as of closed days: each plan's history, and what rolled from bucket to bucket."""

from datetime import date, timedelta

import pytest

from checkout import services as checkouts
from collection.arrears import list_arrears, list_matrices, matrix_of
from collection.models import Arrears, RolledDay
from collection.services import close_days
from plans.models import Installment, Plan
from plans.services import resume_plan, stop_plan

DAY = timedelta(days=1)
FIRST = date(2026, 11, 22)


@pytest.fixture
def plan(buy, merchant, at):
    """A plan in four payments; the first, of 57.25, is due on 22 November and never taken, the others two weeks apart."""
    order = buy(merchant, 22_900)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    return Plan.objects.get(id=order.plan_id)


def history(plan):
    return [(row.since.isoformat()[5:], row.bucket, row.late_minor) for row in reversed(list_arrears(plan.id))]


def settle(plan, *numbers):
    for row in Installment.objects.filter(plan=plan, number__in=numbers):
        row.paid_principal_minor = row.principal_minor
        row.settle()
        row.save()


def rolled():
    return {(row.day.isoformat()[5:], row.source, row.target): (row.plans, row.late_minor) for row in RolledDay.objects.all()}


def test_a_row_begins_where_a_bucket_changes_and_ends_when_it_is_paid(plan, at):
    close_days(at=at)
    close_days(at=at + 36 * DAY)
    # Late from the 23rd: 1 day; the second payment is due on 6 December.
    assert history(plan) == [
        *(("11-23", "1-3", 5_725), ("11-26", "4-30", 5_725), ("12-07", "4-30", 11_450), ("12-10", "4-30", 11_450)),
        *(("12-21", "4-30", 17_175), ("12-23", "31-60", 17_175), ("12-24", "31-60", 17_175)),
    ]
    newest = list_arrears(plan.id)[0]
    assert (newest.until, newest.buckets) == (None, {"1": "31-60", "2": "4-30", "3": "4-30"})
    settle(plan, 1, 2, 3)
    close_days(at=at + 37 * DAY)
    assert Arrears.objects.get(pk=newest.pk).until == date(2026, 12, 28)
    assert (rolled()["12-28", "31-60", "current"], rolled()["12-27", "31-60", "31-60"]) == ((1, 17_175), (1, 17_175))
    close_days(at=at + 38 * DAY)
    assert rolled()["12-29", "current", "current"] == (1, 0)


def test_a_plan_that_was_paid_in_part_is_as_late_as_its_oldest_payment(plan, at):
    close_days(at=at)
    close_days(at=at + 20 * DAY)
    settle(plan, 1)
    close_days(at=at + 21 * DAY)
    assert history(plan)[-1] == ("12-12", "4-30", 5_725)
    assert list_arrears(plan.id)[0].buckets == {"2": "4-30"}


def test_a_stopped_plan_stays_where_it_is(plan, at):
    close_days(at=at)
    close_days(at=at + 3 * DAY)
    stop_plan(plan_id=plan.id, at=at + 3 * DAY)
    close_days(at=at + 40 * DAY)
    assert history(plan) == [("11-23", "1-3", 5_725)]


def test_days_on_which_a_plan_was_stopped_do_not_count(plan, at):
    close_days(at=at)
    close_days(at=at + 3 * DAY)
    stop_plan(plan_id=plan.id, at=at + 3 * DAY)
    resume_plan(plan_id=plan.id, actor="test", at=at + 40 * DAY)
    close_days(at=at + 40 * DAY)
    # Late for 2 days when it was stopped; 37 days later it is still in the first days.
    assert history(plan) == [("11-23", "1-3", 5_725)]
    row = Installment.objects.get(plan=plan, number=1)
    assert (row.paused_days, row.days_late((at + 41 * DAY).date())) == (37, 4)
    close_days(at=at + 42 * DAY)
    assert history(plan)[-1] == ("01-02", "4-30", 5_725)


def test_every_plan_is_in_one_bucket_on_each_day(plan, buy, merchant, at):
    buy(merchant, 10_000, email="berta+approve@people.example")
    close_days(at=at)
    close_days(at=at + 6 * DAY)
    by_day: dict[date, int] = {}
    for row in RolledDay.objects.all():
        by_day[row.day] = by_day.get(row.day, 0) + row.plans
    # Only active plans count: the second one was not captured yet.
    assert set(by_day.values()) == {1}


def test_the_matrix_counts_shares_of_those_that_were_or_came_there():
    day = [FIRST + number * DAY for number in range(3)]
    moves = [
        *((day[0], "current", "current", 90, 0), (day[0], "current", "1-3", 10, 1_000), (day[0], "4-30", "4-30", 4, 400)),
        *((day[1], "current", "current", 90, 0), (day[1], "1-3", "1-3", 10, 1_000), (day[1], "4-30", "31-60", 1, 100)),
        *((day[1], "4-30", "4-30", 3, 300), (day[2], "1-3", "current", 6, 600), (day[2], "1-3", "4-30", 4, 400)),
        *((day[2], "current", "current", 90, 0), (day[2], "4-30", "4-30", 3, 300), (day[2], "31-60", "31-60", 1, 100)),
    ]
    found = matrix_of(moves, "USD", day[0], day[2])
    shares = {key: (roll.plans, roll.late_minor, roll.share_bps) for key, roll in found.rolls.items()}
    assert shares == {
        ("current", "1-3"): (10, 1_000, 943),
        ("4-30", "31-60"): (1, 100, 1_250),
        ("1-3", "current"): (6, 600, 6_000),
        ("1-3", "4-30"): (4, 400, 4_000),
    }
    assert (found.began["current"], found.began["1-3"], found.began["4-30"]) == (106, 10, 8)
    assert {name: count for name, count in found.stayed.items() if count} == {"current": 96, "4-30": 7, "31-60": 1}
    assert (found.late_minor["4-30"], found.late_minor["31-60"]) == (700, 100)


def test_plans_that_were_sold_within_the_span_came_in_time():
    days = [FIRST + number * DAY for number in range(3)]
    # Ten at first; five more on the next day, when seven became late; on the last day two of those in time were paid off, and three new.
    moves = [
        *((days[0], "current", "current", 10, 0), (days[1], "current", "current", 8, 0), (days[1], "current", "1-3", 7, 700)),
        *((days[2], "current", "current", 9, 0), (days[2], "1-3", "1-3", 7, 700)),
    ]
    found = matrix_of(moves, "USD", days[0], days[2])
    assert [(roll.plans, roll.share_bps) for roll in found.rolls.values()] == [(7, 4_375)]
    assert (found.began["current"], found.stayed["current"], found.now["current"], found.now["1-3"]) == (16, 9, 9, 7)


def test_matrices_are_of_a_market_and_its_last_days(plan, at):
    close_days(at=at)
    close_days(at=at + 10 * DAY)
    found = list_matrices(market="US", days=30)
    assert [(one.currency, one.first.day, one.last.day) for one in found] == [("USD", 21, 1)]
    assert set(found[0].rolls) == {("current", "1-3"), ("1-3", "4-30")}
    assert list_matrices(market="US", days=4)[0].rolls == {}
    assert list_matrices(market="US", days=30, product="pay_in_3") == list_matrices(market="DK", days=30) == []
