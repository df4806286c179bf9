"""The gate of contacts: each reason for which a person is not asked to pay, alone, and the limit with askers at once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from accounts import services as accounts
from checkout import services as checkouts
from collection import services as collection
from collection.contacting import Attempt, complaining, complains, list_stops
from collection.models import Case, Contact
from core.errors import Invalid
from markets.models import MarketSetting
from markets.queries import forget_rows
from plans import services as plans
from plans.models import Installment, Plan
from tests.operators import make_operator
from tests.owner import unguarded

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _fresh():
    yield
    forget_rows("contact.messages")


@pytest.fixture
def plan(buy, merchant, at):
    """A plan of a person in Los Angeles, with four payments of 57.25."""
    order = buy(merchant, 22_900)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    return Plan.objects.select_related("consumer").get(id=order.plan_id)


@pytest.fixture
def noon(at):
    """Noon in Los Angeles, when anybody may be asked."""
    return at.replace(hour=20, minute=0) + 2 * DAY


def attempt(plan, reference="msg_1", *, channel="email", numbers=(1,), asks=True, **more):
    told = {"about": {plan.pk: numbers}, "asks": asks, "while_open": True}
    return Attempt(reference=reference, consumer=plan.consumer, channel=channel, **(told | more))


def verdict(one, at):
    return collection.pass_gate(attempts=[one], at=at)[one.reference]


def limit(market, most, days):
    with unguarded():
        MarketSetting.objects.filter(market_id=market, key="contact.messages").update(value={"most": most, "days": days})
    forget_rows("contact.messages")


def test_who_may_be_asked_is_asked_and_counted_once(plan, noon):
    for _ in range(2):
        assert verdict(attempt(plan), noon).goes
    assert [(one.channel, one.reference, str(one.day)) for one in Contact.objects.all()] == [("email", "msg_1", noon.date().isoformat())]


def test_a_standstill_stops_even_what_the_law_demands(plan, noon):
    plans.stand_still(consumer_id=plan.consumer_id, kind="deceased", actor="anna", at=noon)
    for asks in (True, False):
        assert verdict(attempt(plan, asks=asks), noon).why == "standstill"
    assert Contact.objects.count() == 0


@pytest.mark.parametrize("asks", [True, False])
def test_a_payment_stops_it_and_so_does_one_that_is_under_way(plan, noon, asks):
    for row in Installment.objects.filter(plan=plan, number=1):
        row.paid_principal_minor = row.principal_minor
        row.settle()
        row.save()
    assert verdict(attempt(plan, asks=asks), noon).why == "paid"
    assert verdict(attempt(plan, "msg_2", numbers=(1, 2), asks=asks), noon).goes
    assert verdict(attempt(plan, "msg_3", numbers=(1, 2), asks=asks, whole=True), noon).why == "changed"
    Installment.objects.filter(plan=plan, number=2).update(charge_id=plan.pk, next_attempt_at=None)
    assert verdict(attempt(plan, "msg_4", numbers=(1, 2), asks=asks), noon).why == "paid"


def test_a_complaint_stops_what_asks_to_pay_until_it_is_answered(plan, noon):
    told = {"currency": "USD", "opened_on": noon.date(), "rank": 1, "days": 3, "plans": 1, "late_minor": 5_725}
    case, user = (
        Case.objects.create(consumer=plan.consumer, **told),
        make_operator("lea@kvart.example", may=["work_case", "answer_complaint", "answer_request"]),
    )
    made = collection.hand_over_complaint(case_id=case.pk, about="Never came", user=user, at=noon)
    assert made.answer_by == noon.date() + 15 * DAY
    assert verdict(attempt(plan), noon).why == "complaint"
    assert verdict(attempt(plan, asks=False), noon).goes
    collection.answer_complaint(case_id=case.pk, answer="It came", user=user, at=noon)
    assert verdict(attempt(plan), noon).goes
    accounts.open_request(consumer=plan.consumer, kind="question", text="When is it due?", at=noon)
    assert verdict(attempt(plan), noon).goes
    # What the person writes again so soon after an answer is the same matter: it is answered, and holds nothing back.
    for days, goes in ((0, False), (1, True), (62, False)):
        now = noon + days * DAY
        asked = accounts.open_request(consumer=plan.consumer, kind="complaint", text="You write too often.", at=now)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {complains('p.consumer_id')} FROM plans_plan p WHERE p.id = %s", [plan.pk])
            told = cursor.fetchone()[0]
        assert (complaining([plan.consumer_id]) == set(), told) == (goes, not goes), days
        accounts.answer_request(request_id=asked.pk, user=user, outcome="done", answer="Sorry.", at=now)


def test_a_promise_waits_until_its_day_is_over(plan, noon):
    Plan.objects.filter(pk=plan.pk).update(promised_until=(noon + DAY).date())
    assert verdict(attempt(plan), noon).why == "promised"
    assert verdict(attempt(plan, asks=False), noon).goes
    assert verdict(attempt(plan), noon + 2 * DAY).goes


def test_a_plan_that_is_stopped_is_not_asked_about(plan, noon):
    plans.stop_plan(plan_id=plan.pk, at=noon)
    assert verdict(attempt(plan), noon).why == "stopped"
    assert verdict(attempt(plan, asks=False), noon).goes


def test_a_channel_that_a_person_stops_is_not_used_until_they_allow_it_again(plan, noon):
    for _ in range(2):
        collection.stop_contact(consumer_id=plan.consumer_id, channel="email", actor="con_x", at=noon)
    assert set(list_stops(plan.consumer_id)) == {"email"}
    assert verdict(attempt(plan), noon).why == "asked_not"
    assert verdict(attempt(plan, asks=False), noon).goes
    assert verdict(attempt(plan, "msg_2", channel="sms"), noon).goes
    collection.allow_contact(consumer_id=plan.consumer_id, channel="email", actor="con_x", at=noon)
    assert verdict(attempt(plan), noon).goes
    collection.stop_contact(consumer_id=plan.consumer_id, channel="email", actor="anna", at=noon)
    assert verdict(attempt(plan), noon).why == "asked_not"


def test_only_channels_that_there_are_can_be_stopped(plan, noon):
    with pytest.raises(Invalid):
        collection.stop_contact(consumer_id=plan.consumer_id, channel="pigeon", actor="con_x", at=noon)


def test_nobody_is_asked_at_night_or_on_a_quiet_day_at_their_place(plan, noon):
    night = noon + timedelta(hours=10)
    found = verdict(attempt(plan), night)
    assert (found.why, found.until) == ("hours", noon + timedelta(hours=20))
    assert verdict(attempt(plan, asks=False), night).goes
    assert verdict(attempt(plan, any_hour=True), night).goes
    plan.consumer.market_id, plan.consumer.time_zone = "DE", "Europe/Berlin"
    christmas = noon.replace(month=12, day=25, hour=12)
    assert verdict(attempt(plan, "msg_3"), christmas).until == christmas.replace(day=28, hour=7)
    assert Contact.objects.count() == 1


def test_the_market_s_limit_holds_over_all_channels_and_says_when_it_ends(plan, noon):
    limit("US", 2, 7)
    assert verdict(attempt(plan, "msg_1"), noon).goes
    assert verdict(attempt(plan, "msg_2", channel="sms"), noon + DAY).goes
    third = verdict(attempt(plan, "msg_3"), noon + 2 * DAY)
    assert (third.why, third.until) == ("often", noon + 7 * DAY - timedelta(hours=4))
    assert verdict(attempt(plan, "msg_1"), noon + 2 * DAY).goes
    assert verdict(attempt(plan, "msg_4", asks=False), noon + 2 * DAY).goes
    assert verdict(attempt(plan, "msg_3"), noon + 7 * DAY).goes


def test_several_in_one_question_stay_within_the_limit_together(plan, noon):
    limit("US", 2, 7)
    found = collection.pass_gate(attempts=[attempt(plan, f"msg_{n}") for n in range(4)], at=noon)
    assert [one.why for one in found.values()] == ["", "", "often", "often"]


@pytest.mark.django_db(transaction=True)
def test_askers_at_once_stay_within_the_limit_together(plan, noon):
    found = []

    def ask(number):
        try:
            found.append(verdict(attempt(plan, f"msg_{number}"), noon).why)
        finally:
            connection.close()

    for number in range(6):
        ask(number)
    threads = [threading.Thread(target=ask, args=[number]) for number in range(6, 10)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(found) == [""] * 7 + ["often"] * 3
    assert Contact.objects.count() == 7
