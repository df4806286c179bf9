"""Cases of late people: opened and closed by the close of day, called within limits, and standing still after a death."""

from datetime import timedelta

import pytest

from checkout import services as checkouts
from collection import services as collection
from collection.cases import may_call
from collection.models import Call, Case, Complaint
from collection.moving_on import MovesOn
from collection.services import close_days, mark_overdue, run_due
from controls import services as controls
from core.db import unit
from core.errors import Conflict, Forbidden
from notifications.models import Message
from notifications.services import queue_for_consumer
from plans.models import Fee, Installment, Plan, Standstill
from plans.services import stop_plan
from tests.operators import make_operator
from tests.owner import tamper

DAY = timedelta(days=1)
# The 24th at noon in Los Angeles; the first payment is late since the 23rd.
NOON = timedelta(hours=8)


@pytest.fixture
def plan(buy, merchant, at):
    """A plan whose first payment, 57.25, was due on 22 November and is never taken."""
    order = buy(merchant, 22_900)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    return Plan.objects.select_related("consumer").get(id=order.plan_id)


@pytest.fixture
def anna():
    return make_operator("anna@kvart.example", may=["work_case", "view_case", "propose_standstill"])


@pytest.fixture
def case(plan, at):
    close_days(at=at)
    mark_overdue(at=at + 2 * DAY)
    close_days(at=at + 8 * DAY)
    plan.consumer.phone = "+12125550111"
    plan.consumer.save(update_fields=["phone"])
    return Case.objects.get()


@pytest.fixture
def now(at):
    """Noon in Los Angeles, nine days after the payment was due."""
    return at.replace(hour=20) + 8 * DAY


def shown():
    return [(one.status, one.days, one.plans, one.late_minor) for one in Case.objects.order_by("id")]


def settle(plan, *numbers):
    for row in Installment.objects.filter(plan=plan, number__in=numbers):
        row.paid_principal_minor = row.principal_minor
        row.settle()
        row.save()


def test_a_case_is_opened_after_some_days_and_closed_when_nothing_is_late(plan, at):
    close_days(at=at)
    mark_overdue(at=at + 2 * DAY)
    close_days(at=at + 7 * DAY)
    assert shown() == []
    close_days(at=at + 8 * DAY)
    assert shown() == [("open", 7, 1, 5_725)]
    mark_overdue(at=at + 17 * DAY)
    close_days(at=at + 17 * DAY)
    assert shown() == [("open", 16, 1, 11_450)]
    settle(plan, 1, 2)
    close_days(at=at + 18 * DAY)
    assert [(one.status, str(one.closed_on)) for one in Case.objects.all()] == [("closed", "2026-12-09")]
    mark_overdue(at=at + 45 * DAY)
    close_days(at=at + 45 * DAY)
    assert [status for status, *_ in shown()] == ["closed", "open"]


def test_all_late_plans_of_a_person_are_one_case(plan, buy, merchant, at):
    order = buy(merchant, 10_000, merchant_reference="R-2")
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    close_days(at=at)
    mark_overdue(at=at + 2 * DAY)
    close_days(at=at + 8 * DAY)
    assert shown() == [("open", 7, 2, 8_225)]


def test_a_plan_that_is_stopped_is_nobody_s_to_be_called_about(case, plan, at):
    stop_plan(plan_id=plan.id, at=at + 8 * DAY)
    close_days(at=at + 9 * DAY)
    assert Case.objects.get().status == "closed"


def call(case, anna, at, outcome="not_reached"):
    collection.start_call(case_id=case.id, user=anna, at=at)
    return collection.end_call(case_id=case.id, outcome=outcome, user=anna, at=at)


def refused(case, anna, at):
    with pytest.raises(Conflict) as told:
        collection.start_call(case_id=case.id, user=anna, at=at)
    return told.value.code.removeprefix("collection.call_"), str(told.value.detail)


def test_the_eighth_call_in_seven_days_is_refused_and_says_when(case, anna, now):
    for _ in range(7):
        call(case, anna, now)
    why, words = refused(case, anna, now)
    assert why == "often"
    assert "Dec 7, 2026 08:00 (America/Los_Angeles)" in words
    assert refused(case, anna, now + 6 * DAY)[0] == "often"
    call(case, anna, now + 7 * DAY)


def test_no_call_for_seven_days_after_a_talk(case, anna, now):
    call(case, anna, now, "spoke")
    assert refused(case, anna, now + 6 * DAY)[0] == "talked"
    call(case, anna, now + 7 * DAY)


def test_who_asked_not_to_be_called_is_not_called(case, anna, now):
    call(case, anna, now, "asked_not")
    assert refused(case, anna, now + 90 * DAY)[0] == "asked_not"


def test_one_call_at_a_time_and_only_in_the_hours_of_the_place(case, anna, now):
    assert refused(case, anna, now + timedelta(hours=10))[0] == "hours"
    collection.start_call(case_id=case.id, user=anna, at=now)
    assert refused(case, anna, now)[0] == "under_way"
    collection.end_call(case_id=case.id, outcome="wrong_number", user=anna, at=now)
    with pytest.raises(Conflict):
        collection.end_call(case_id=case.id, outcome="spoke", user=anna, at=now)
    assert Call.objects.get().outcome == "wrong_number"


def test_nobody_is_called_who_has_paid_meanwhile(case, plan, anna, now):
    settle(plan, 1)
    assert refused(case, anna, now)[0] == "nothing_late"


def test_nobody_is_called_whose_number_is_not_known(case, plan, anna, now):
    plan.consumer.phone = ""
    plan.consumer.save(update_fields=["phone"])
    assert refused(case, anna, now)[0] == "no_phone"
    assert not Call.objects.exists()


def test_only_who_may_work_on_cases_does(case, now):
    viewer = make_operator("vera@kvart.example", may=["view_case"])
    for act, told in ((collection.take_case, {}), (collection.start_call, {}), (collection.note_standstill, {"kind": "deceased"})):
        with pytest.raises(Forbidden):
            act(case_id=case.id, user=viewer, at=now, **told)
    with pytest.raises(Forbidden):
        collection.end_call(case_id=case.id, outcome="spoke", user=viewer, at=now)


def told_of(consumer, kind, subject, at):
    with unit():
        queue_for_consumer(consumer=consumer, kind=kind, subject=subject, context={}, facts={"amount_minor": 1}, at=at)
    return Message.objects.filter(dedupe__startswith=f"{kind}:{subject}").count()


def test_after_a_death_nothing_is_charged_reminded_of_or_late_with_a_fee(case, plan, anna, now):
    collection.note_standstill(case_id=case.id, kind="deceased", user=anna, at=now)
    assert run_due(at=now + 20 * DAY) == 0
    assert mark_overdue(at=now + 20 * DAY) == 0
    assert collection.remind_upcoming(at=now + 4 * DAY) == 0
    close_days(at=now + 20 * DAY)
    assert Fee.objects.count() == 0
    assert told_of(plan.consumer, "payment_late", "x", now) == 0
    assert told_of(plan.consumer, "refund_arrived", "x", now) > 0
    assert refused(case, anna, now)[0] == "standstill"


def test_two_operators_let_collecting_go_on(case, plan, anna, now):
    collection.note_standstill(case_id=case.id, kind="insolvent", user=anna, at=now)
    made = collection.propose_moving_on(case_id=case.id, reason="The court took it back", user=anna, at=now)
    with pytest.raises(Exception, match="no two operators agreed"), unit():
        Standstill.objects.update(ended_at=now, proposal=made.pk)
    ben = make_operator("ben@kvart.example", may=["confirm_standstill", "propose_standstill"])
    with pytest.raises((Conflict, Forbidden)):
        controls.approve_proposal(proposal_id=made.pk, user=anna, at=now)
    controls.approve_proposal(proposal_id=made.pk, user=ben, at=now)
    assert Standstill.objects.get().ended_at == now
    assert MovesOn().current(str(plan.consumer_id), {}, None) == {"was": ""}
    assert run_due(at=now) == 1


def test_a_case_stays_open_until_a_complaint_is_answered(case, plan, at):
    told = {"consumer": plan.consumer, "about": "Broken", "answer_by": at.date(), "made_by": "lea", "made_at": at}
    made = Complaint.objects.create(case=case, **told)
    settle(plan, 1)
    close_days(at=at + 9 * DAY)
    assert shown() == [("open", 0, 0, 0)]
    case.refresh_from_db()
    assert may_call(case, [], at + 9 * DAY).refused == "complaint"
    made.answer, made.ended_by, made.ended_at = "Mended", "lea", at + 9 * DAY
    made.save(update_fields=["answer", "ended_by", "ended_at"])
    close_days(at=at + 10 * DAY)
    assert [status for status, *_rest in shown()] == ["closed"]


def test_a_complaint_about_a_closed_case_is_in_the_queue_until_it_is_answered(case, plan, anna, at):
    settle(plan, 1)
    close_days(at=at + 9 * DAY)
    assert [status for status, *_rest in shown()] == ["closed"]
    made = collection.hand_over_complaint(case_id=case.id, about="They took it twice", user=anna, at=at + 9 * DAY)
    assert (made.case.status, made.case.late_minor) == ("open", 0)
    close_days(at=at + 10 * DAY)
    assert [status for status, *_rest in shown()] == ["closed", "open"]
    lea = make_operator("lea@kvart.example", may=["answer_complaint"])
    collection.answer_complaint(case_id=case.id, answer="Given back", user=lea, at=at + 10 * DAY)
    close_days(at=at + 11 * DAY)
    assert [status for status, *_rest in shown()] == ["closed", "closed"]


def test_nobody_is_called_about_what_they_promised_until_its_day_is_over(case, plan, anna, now):
    collection.promise_to_pay(plan_id=plan.id, amount_minor=5_725, pay_on=now.date() + DAY, actor="con", at=now)
    assert refused(case, anna, now)[0] == "promised"
    call(case, anna, now + 2 * DAY)


def test_what_is_late_in_another_currency_is_not_added_up(plan, buy, merchant, at):
    order = buy(merchant, 10_000, merchant_reference="R-2")
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    tamper("UPDATE plans_plan SET currency = 'DKK' WHERE id = %s", [order.plan_id])
    close_days(at=at)
    mark_overdue(at=at + 2 * DAY)
    close_days(at=at + 8 * DAY)
    case = Case.objects.get()
    sums = {case.currency: case.late_minor, **case.late_others}
    assert (sums, case.plans) == ({"USD": 5_725, "DKK": 2_500}, 2)
