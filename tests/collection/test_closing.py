"""The close of day: each day of each zone once, in order, whoever runs it, and wherever it dies."""

from datetime import date, timedelta

import pytest
from django.db import connections

from checkout import services as checkouts
from collection import closing
from collection.closing import Step, count_stuck
from collection.models import ClosedDay
from collection.services import close_days, mark_overdue
from collection.services import closing as service
from core.db import execute, rows, unit
from core.models import TableDay
from plans.models import Plan
from plans.queries import lock_plan
from plans.services import change_time_zone

ZONE = "America/Los_Angeles"
DAY = timedelta(days=1)


def note(*, plan_ids, day, at):
    """A step for tests: it counts in a table how often it saw each plan on each day."""
    for plan_id in plan_ids:
        execute(
            "INSERT INTO core_tableday AS d (name, day, rows, table_bytes, index_bytes, forgotten) VALUES (%s, %s, 1, 0, 0, 0)"
            " ON CONFLICT (name, day) DO UPDATE SET rows = d.rows + 1",
            [str(plan_id), day],
        )
    return len(plan_ids)


def fail(*, plan_ids, day, at):
    raise ValueError("no such rule")


@pytest.fixture
def steps(monkeypatch):
    listed = [Step("noted", "Noted", f"{__name__}.note")]
    monkeypatch.setattr(closing, "STEPS", listed)
    return listed


@pytest.fixture
def sold(buy, merchant, at):
    """Three plans of three people whose first payment, due on 22 November, is never taken."""
    found = []
    for name in ("anna", "berta", "carla"):
        order = buy(merchant, 22_900, email=f"{name}+approve@people.example")
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
        found.append(Plan.objects.get(id=order.plan_id))
    return sorted(found, key=lambda plan: plan.id)


def days(zone=ZONE):
    return [(row.day.day, row.closed_at is not None) for row in ClosedDay.objects.filter(zone=zone).order_by("day")]


def seen():
    return {(one.name, one.day.day): one.rows for one in TableDay.objects.all()}


def test_missed_days_are_closed_in_order_and_none_twice(sold, steps, at):
    close_days(at=at)
    assert days() == [(21, True)]
    later = at + 4 * DAY
    assert close_days(at=later) > 0
    assert days() == [(day, True) for day in range(21, 26)]
    # Late from the 23rd on: due on the 22nd.
    assert seen() == {(str(plan.id), day): 1 for plan in sold for day in (23, 24, 25)}
    assert close_days(at=later) == 0
    assert [row.done for row in ClosedDay.objects.order_by("day")] == [{"noted": 0}, {"noted": 0}, *[{"noted": 3}] * 3]


def test_a_day_ends_where_the_plan_is(sold, steps, at):
    change_time_zone(consumer_id=sold[0].consumer_id, time_zone="Pacific/Honolulu", at=at)
    close_days(at=at)
    morning = at + DAY
    close_days(at=morning)
    assert (days(), days("Pacific/Honolulu")) == ([(21, True), (22, True)], [(20, True), (21, True)])
    close_days(at=morning + timedelta(hours=5))
    assert days("Pacific/Honolulu") == [(20, True), (21, True), (22, True)]


def test_the_timer_s_condition_holds_while_a_day_is_open(sold, steps, at):
    def waits(moment):
        return rows(f"SELECT {closing.DAYS_ENDED}", {"at": moment})[0][0]

    assert waits(at)
    close_days(at=at)
    assert not waits(at)
    assert waits(at + DAY)


def test_small_chunks_come_to_the_same(sold, steps, at, monkeypatch):
    monkeypatch.setattr(service, "CHUNK", 1)
    close_days(at=at)
    close_days(at=at + 2 * DAY)
    assert seen() == {(str(plan.id), 23): 1 for plan in sold}
    assert ClosedDay.objects.get(day=date(2026, 11, 23)).done == {"noted": 3}


def whole(*, zone, day, at):
    return TableDay.objects.count()


def test_a_step_of_the_whole_zone_runs_once_a_day(sold, steps, at):
    steps.append(Step("whole", "Whole", f"{__name__}.whole", find=""))
    close_days(at=at)
    close_days(at=at + 2 * DAY)
    assert [row.done for row in ClosedDay.objects.order_by("day")] == [{"noted": count, "whole": count} for count in (0, 0, 3)]


def test_a_step_that_fails_stops_its_zone_and_no_other_and_goes_on_when_it_is_mended(sold, steps, at, client):
    change_time_zone(consumer_id=sold[0].consumer_id, time_zone="Pacific/Honolulu", at=at)
    close_days(at=at)
    steps.append(Step("broken", "Broken", f"{__name__}.fail"))
    late = at + 3 * DAY
    close_days(at=late)
    assert days() == [(21, True), (22, True), (23, False)]
    assert days("Pacific/Honolulu") == [(20, True), (21, True), (22, True), (23, False)]
    stuck = ClosedDay.objects.get(zone=ZONE, day=date(2026, 11, 23))
    assert (stuck.fault, stuck.stuck_at, stuck.done) == ("ValueError: no such rule", late, {"noted": 2})
    assert count_stuck(late) == 2
    steps.pop()
    close_days(at=late)
    assert days() == [(day, True) for day in range(21, 25)]
    assert set(seen().values()) == {1}
    assert count_stuck(late) == 0
    assert ClosedDay.objects.get(pk=stuck.pk).fault == ""


@pytest.mark.parametrize(("place", "step"), [(closing, "find_late"), (service, "lock_free_plans"), (service, "_advance")])
def test_killed_anywhere_it_goes_on_where_it_was(sold, steps, at, monkeypatch, place, step):
    monkeypatch.setattr(service, "CHUNK", 2)
    close_days(at=at)
    whole = getattr(place, step)

    def die(*told, **more):
        whole(*told, **more)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(place, step, die)
        for _ in range(3):
            with pytest.raises(KeyboardInterrupt):
                close_days(at=at + 2 * DAY)
    close_days(at=at + 2 * DAY)
    assert seen() == {(str(plan.id), 23): 1 for plan in sold}
    assert days() == [(21, True), (22, True), (23, True)]


@pytest.mark.django_db(transaction=True)
def test_a_plan_in_use_is_left_for_later_and_nobody_waits(sold, steps, at, at_once):
    close_days(at=at)
    late = at + 2 * DAY
    mark_overdue(at=late)

    with unit():
        lock_plan(sold[1].id)
        assert at_once(1, lambda _: close_days(at=late))[0] > 0
    waiting = ClosedDay.objects.get(zone=ZONE, day=date(2026, 11, 23))
    assert (waiting.closed_at, waiting.left, waiting.fault) == (None, [str(sold[1].id)], "")
    assert seen() == {(str(plan.id), 23): 1 for plan in (sold[0], sold[2])}
    close_days(at=late)
    assert seen() == {(str(plan.id), 23): 1 for plan in sold}
    assert days()[-1] == (23, True)


@pytest.mark.django_db(transaction=True)
def test_four_workers_close_a_day_once(sold, steps, at, at_once, monkeypatch):
    monkeypatch.setattr(service, "CHUNK", 1)
    close_days(at=at)

    def work(_number):
        try:
            return close_days(at=at + 2 * DAY)
        finally:
            connections.close_all()

    at_once(4, work)
    close_days(at=at + 2 * DAY)
    assert seen() == {(str(plan.id), 23): 1 for plan in sold}
    assert days() == [(21, True), (22, True), (23, True)]
