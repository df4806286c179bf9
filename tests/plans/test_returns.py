"""Goods on their way back: payments wait, and go on after a refund, the shop's answer, the person's change of mind, or time."""

from datetime import timedelta

import pytest

from checkout import services as checkouts
from collection import services as collection
from collection.contacting import Attempt, judge, read_known
from core.clock import local_date
from core.errors import Conflict, Invalid
from core.models import OutboxEvent
from plans import services as plans
from plans.models import Fee, GoodsReturn, Installment, PlanChange
from reports.books import check_books
from tests.cast import NOW

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture
def order(buy, merchant):
    made = buy(merchant, 22_900)
    checkouts.capture_order(order_id=made.id, merchant=merchant, amount_minor=None, actor="test", at=NOW)
    return made


def dates(order):
    found = Installment.objects.filter(plan=order.plan_id, status__in=Installment.OPEN).order_by("due_date")
    return [(row.due_date, row.status) for row in found]


def told(order):
    found = OutboxEvent.objects.filter(name="plans.schedule_changed", payload__plan=order.plan.public_id).order_by("id")
    return [one.payload["kind"] for one in found]


def send(order, at, **more):
    return plans.send_back(plan_id=order.plan_id, actor=order.consumer.public_id, at=at, **more)


def test_nothing_is_taken_late_or_asked_for_while_goods_are_on_their_way_and_time_ends_it(order, at):
    late = at + 3 * DAY
    plans.mark_late(at=late, limit=100)
    before, today = dates(order), local_date(late, order.plan.time_zone)
    assert before[0][1] == "overdue"
    with pytest.raises(Invalid) as refused:
        send(order, late, tracking="<b>")
    assert set(refused.value.fields) == {"tracking"}
    send(order, late, tracking="00 3401-2")
    assert dates(order) == [(max(day, today) + 21 * DAY, "scheduled") for day, _status in before]
    attempt = Attempt("m", order.consumer, "email", {order.plan_id: [1]}, asks=True, any_hour=True)
    assert judge(attempt, read_known([attempt], late), late).why == "paused"
    with pytest.raises(Conflict) as again:
        send(order, late + DAY)
    assert again.value.code == "plans.return_used"
    for day in range(21):
        now = late + day * DAY
        collection.run_due(at=now)
        collection.mark_overdue(at=now)
        collection.close_days(at=now)
    assert Installment.objects.filter(plan=order.plan_id, status="paid").count() == 0
    assert not Fee.objects.filter(installment__plan=order.plan_id).exists()
    assert told(order) == ["return"]
    collection.close_days(at=late + 22 * DAY)
    collection.close_days(at=late + 22 * DAY)
    assert told(order) == ["return", "return_over"]
    collection.run_due(at=late + 22 * DAY)
    assert Installment.objects.filter(plan=order.plan_id, status="paid").count() == 1
    assert GoodsReturn.objects.get().ended_by == "time"
    assert [line for check in check_books() for line in check.offenders] == []


def test_the_shop_s_refund_or_answer_and_the_person_end_it_with_a_week_until_the_next_payment(order, merchant, buy, at):
    second, third = (buy(merchant, 8_000, email=f"{name}+approve@people.example") for name in ("ben", "cleo"))
    for one in (second, third):
        checkouts.capture_order(order_id=one.id, merchant=merchant, amount_minor=None, actor="test", at=NOW)
    for one in (order, second, third):
        send(one, NOW + DAY)
    moved, begun = dates(order), local_date(NOW + DAY, order.plan.time_zone)
    was = {one.pk: [day for day, _status in dates(one)] for one in (order, second, third)}
    later = NOW + 5 * DAY
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=1_000, reason="", actor="test", at=later)
    with pytest.raises(Invalid):
        plans.deny_return(plan_id=second.plan_id, reason="no", actor="test", at=later)
    plans.deny_return(plan_id=second.plan_id, reason="missing", actor="test", at=later)
    plans.keep_goods(plan_id=third.plan_id, actor="test", at=later)
    for one in (order, second, third):
        # The pause has lasted four days, and lasts a week more.
        assert [day for day, _status in dates(one)] == [day - 10 * DAY for day in was[one.pk]]
        with pytest.raises(Conflict) as over:
            plans.keep_goods(plan_id=one.plan_id, actor="test", at=later)
        assert over.value.code == "plans.no_return"
    assert moved[0][0] - 10 * DAY >= begun + 11 * DAY
    assert [told(one)[-1] for one in (order, second, third)] == ["return_refunded", "return_denied", "return_kept"]
    assert PlanChange.objects.filter(plan=order.plan_id).order_by("-id").first().kind == "return_refunded"
    assert set(GoodsReturn.objects.values_list("ended_by", "denial")) == {("refund", ""), ("denied", "missing"), ("kept", "")}
    assert [line for check in check_books() for line in check.offenders] == []


def test_a_part_lets_so_much_of_the_last_payments_wait_and_the_others_go_on(order, merchant, at):
    collection.run_due(at=at)
    was, today = dates(order), local_date(at, order.plan.time_zone)
    with pytest.raises(Invalid) as refused:
        send(order, at, amount_minor=22_901)
    assert set(refused.value.fields) == {"amount"}
    send(order, at, amount_minor=8_000)
    rows = list(Installment.objects.filter(plan=order.plan_id, status__in=Installment.OPEN).order_by("due_date", "number"))
    assert [(row.due_date, row.open_minor) for row in rows] == [
        *((was[0][0], 5_725), (was[1][0], 3_450)),
        *((was[1][0] + 21 * DAY, 2_275), (was[2][0] + 21 * DAY, 5_725)),
    ]
    # What goes on is asked for, and late if it is not paid.
    attempt = Attempt("m", order.consumer, "email", {order.plan_id: [rows[0].number]}, asks=True, any_hour=True)
    assert judge(attempt, read_known([attempt], at), at).why != "paused"
    collection.run_due(at=at + 15 * DAY)
    assert Installment.objects.filter(plan=order.plan_id, status="paid").count() == 2
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=8_000, reason="", actor="test", at=at + 16 * DAY)
    assert dates(order) == [(was[1][0], "scheduled")]
    assert GoodsReturn.objects.get().ended_by == "refund"
    assert local_date(at, order.plan.time_zone) == today
    assert [line for check in check_books() for line in check.offenders] == []


def test_a_part_that_is_denied_comes_back_with_new_dates_and_with_interest_the_payment_waits_whole(buy, merchant, at):
    order = buy(merchant, 24_000, product="monthly_6")
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=NOW)
    was = dates(order)
    send(order, at, amount_minor=5_000)
    assert [day for day, _status in dates(order)] == [*(day for day, _status in was[:4]), *(day + 21 * DAY for day, _status in was[4:])]
    plans.deny_return(plan_id=order.plan_id, reason="missing", actor="test", at=at + DAY)
    assert [day for day, _status in dates(order)] == [*(day for day, _status in was[:4]), *(day + 8 * DAY for day, _status in was[4:])]
    assert Installment.objects.filter(plan=order.plan_id).count() == 6
    assert [line for check in check_books() for line in check.offenders] == []


def test_a_part_of_goods_cannot_wait_where_only_a_fee_is_left(late, merchant):
    plans.close_fees(plan_ids=[late.plan_id], day=late.at.date(), at=late.at)
    checkouts.refund_order(order_id=late.id, merchant=merchant, amount_minor=12_000, reason="", actor="test", at=late.at)
    assert Fee.objects.filter(status="charged").count() == 1
    with pytest.raises(Conflict) as refused:
        send(late, late.at, amount_minor=1_000)
    assert refused.value.code == "plans.return_closed"
