"""Promises to pay what is late: what may be promised, what workers leave alone meanwhile, and how each ends."""

from datetime import date, timedelta

import pytest

from accounts.models import Consumer
from checkout import services as checkouts
from collection.models import Promise
from collection.promises import count_kept, room_of
from collection.services import close_days, mark_overdue, pay_freely, promise_to_pay, run_due
from core.db import unit
from core.errors import Conflict, Invalid
from core.models import OutboxEvent
from core.money import Money
from plans.models import Installment, Plan
from plans.queries import installments_of
from plans.services import stop_plan

DAY = timedelta(days=1)
FRIDAY = date(2026, 11, 27)


@pytest.fixture
def late(buy, merchant, at):
    """A plan whose first payment, 57.25, was due on 22 November and is late on the 24th."""
    order = buy(merchant, 22_900)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    mark_overdue(at=at + 2 * DAY)
    close_days(at=at + 2 * DAY)
    return Plan.objects.get(id=order.plan_id)


@pytest.fixture
def now(at):
    return at + 2 * DAY


def promise(plan, now, amount=4_000, on=FRIDAY):
    return promise_to_pay(plan_id=plan.id, amount_minor=amount, pay_on=on, actor="anna", at=now)


def pay(plan, minor, at):
    consumer = Consumer.objects.get(id=plan.consumer_id)
    return pay_freely(
        consumer=consumer, amount=Money(minor, "USD"), plan=plan, method=plan.payment_method, actor=consumer.public_id, at=at, exact=True
    )


def outcome(made):
    made = Promise.objects.get(pk=made.pk)
    return made.status, made.paid_minor


def told():
    return [(one.payload["outcome"], one.payload["paid_minor"]) for one in OutboxEvent.objects.filter(name="collection.promise_decided")]


def test_workers_leave_what_is_late_alone_until_the_day_after(late, now):
    promise(late, now)
    assert Plan.objects.get(id=late.id).promised_until == FRIDAY
    waits = Installment.objects.get(plan=late, number=1).next_attempt_at
    # Midnight of the 28th in Los Angeles.
    assert waits.isoformat() == "2026-11-28T08:00:00+00:00"
    assert run_due(at=waits - timedelta(minutes=1)) == 0
    assert run_due(at=waits) == 1


@pytest.mark.parametrize(
    ("paid", "ends"), [((4_000,), "kept_in_full"), ((1_500, 2_500), "kept_in_full"), ((1_500,), "part_kept"), ((), "broken")]
)
def test_the_close_of_its_day_says_how_it_ends(late, now, paid, ends):
    made = promise(late, now)
    for minor in paid:
        pay(late, minor, now + DAY)
    close_days(at=now + 3 * DAY)
    assert outcome(made) == (("kept_in_full", 4_000) if ends == "kept_in_full" else ("waiting", 0))
    close_days(at=now + 4 * DAY)
    assert outcome(made) == (ends, sum(paid))
    assert told() == [(ends, sum(paid))]
    assert Plan.objects.get(id=late.id).promised_until is None
    close_days(at=now + 5 * DAY)
    assert len(told()) == 1


def test_what_is_paid_after_the_day_does_not_keep_it_though_the_close_is_late(late, now):
    made = promise(late, now)
    pay(late, 5_725, now + 4 * DAY)
    close_days(at=now + 6 * DAY)
    assert outcome(made) == ("fell_away", 0)


def test_a_promise_falls_away_when_nothing_is_late_any_more(late, now):
    made = promise(late, now)
    with unit():
        Installment.objects.filter(plan=late, number=1).update(due_date=date(2026, 12, 24), status="scheduled")
    close_days(at=now + DAY)
    assert outcome(made) == ("fell_away", 0)


def test_a_payment_on_its_way_is_waited_for(late, now):
    made = promise(late, now)
    Installment.objects.filter(plan=late, number=1).update(charge_id=made.pk)
    close_days(at=now + 6 * DAY)
    assert outcome(made) == ("waiting", 0)


@pytest.mark.parametrize(
    ("amount", "on", "code"),
    [
        (0, FRIDAY, "collection.promise_amount"),
        (5_726, FRIDAY, "collection.promise_amount"),
        (100, date(2026, 11, 24), "collection.promise_day"),
        (100, date(2026, 12, 9), "collection.promise_day"),
    ],
)
def test_an_amount_and_a_day_have_bounds(late, now, amount, on, code):
    with pytest.raises(Invalid) as refused:
        promise(late, now, amount, on)
    assert refused.value.code == code
    assert not Promise.objects.exists()
    assert promise(late, now, 5_725, date(2026, 12, 8)).amount_minor == 5_725


def test_why_nothing_can_be_promised(late, now, buy, merchant):
    def why(plan, at=now):
        with pytest.raises(Conflict) as refused:
            promise(plan, at)
        return refused.value.code

    promise(late, now)
    assert why(late) == "collection.promise_waiting"
    other = buy(merchant, 10_000, email="berta+approve@people.example")
    assert why(Plan.objects.get(id=other.plan_id)) == "collection.promise_not_late"
    stop_plan(plan_id=late.id, at=now)
    assert why(late) == "collection.promise_stopped"


def test_so_many_in_a_row_that_were_not_kept_are_the_last(late, now):
    for number in range(2):
        promise(late, now + number * DAY, on=FRIDAY - 3 * DAY + (number + 1) * DAY)
        close_days(at=now + (number + 2) * DAY)
    at = now + 3 * DAY
    assert room_of(late, installments_of(late), at).refused == "broken"
    kept = count_kept(market="US", since=now)
    assert [(one.currency, one.counts, one.promised_minor, one.paid_minor, one.rate_bps) for one in kept] == [
        ("USD", {"broken": 2}, 8_000, 0, 0)
    ]
    assert count_kept(market="DK", since=now) == count_kept(market="US", since=now, brand="other") == []
