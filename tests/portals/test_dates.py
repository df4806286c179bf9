"""Dates that a person changes: what the page offers, what it refuses with which words, and the version of the schedule that is kept."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from accounts.models import Consumer
from plans import services as plans
from plans.models import Installment, PlanChange
from plans.rules.moving import Move, MoveRules, Past, move_refused, on_day
from plans.rules.paydays import PaydayRules, on_paydays, paydays_refused
from plans.rules.schedule import ProductTerms
from tests.plans.test_fees_by_rules import publish, rita, rule
from tests.plans.test_more_fees import agreed, fees_of
from tests.portals.test_consumer_pages import text

__all__ = ["agreed", "publish", "rita"]
pytestmark = pytest.mark.django_db(transaction=True)
ANY_DAY = ProductTerms(code="monthly_6", count=6, interval="monthly")


@pytest.fixture
def order(bought, moment):
    """A purchase of somebody whose account is old enough."""
    made = bought(8_000, charge=True)
    Consumer.objects.filter(id=made.consumer_id).update(created_at=moment - timedelta(days=100))
    return made


def dues(order):
    return list(Installment.objects.filter(plan=order.plan_id).order_by("number").values_list("due_date", flat=True))


def test_a_payment_is_moved_once_and_the_purchase_says_from_when_to_when(order, client, sign_in):
    sign_in(client, order.consumer)
    path = f"/purchases/{order.public_id}/dates"
    assert path in client.get(f"/purchases/{order.public_id}").content.decode()
    page = text(client.get(path))
    assert "The last payment keeps its day." in page
    before = dues(order)
    done = text(client.post(path, {"number": "2", "later": "7"}, follow=True))
    assert "The new dates hold now." in done
    assert "You moved a payment" in done
    assert dues(order) == [before[0], before[1] + timedelta(days=7), *before[2:]]
    row = Installment.objects.get(plan=order.plan_id, number=2)
    assert row.next_attempt_at.date() >= row.due_date - timedelta(days=1)
    change = PlanChange.objects.get(plan=order.plan_id, kind="moved")
    assert (change.actor, change.reference) == (order.consumer.public_id, "2")
    assert "A payment of this purchase was moved already." in text(client.post(path, {"number": "3", "later": "1"}, follow=True))
    assert dues(order)[2] == before[2]


@pytest.mark.parametrize(
    ("number", "later", "told"),
    [
        ("4", "3", "The last payment keeps its day."),
        ("2", "8", "This day is too far away"),
        ("2", "x", "This day is too far away"),
        ("2", "999999999", "This day is too far away"),
        ("1", "1", "This payment cannot be moved."),
        ("99", "1", "This payment cannot be moved."),
    ],
)
def test_what_the_rules_refuse_is_told_and_changes_nothing(order, client, sign_in, number, later, told):
    sign_in(client, order.consumer)
    before = dues(order)
    assert told in text(client.post(f"/purchases/{order.public_id}/dates", {"number": number, "later": later}, follow=True))
    assert (dues(order), PlanChange.objects.filter(kind="moved").count()) == (before, 0)


def test_monthly_payments_get_another_day_of_the_month(bought, client, sign_in):
    order = bought(60_000, product="monthly_6")
    sign_in(client, order.consumer)
    path = f"/purchases/{order.public_id}/dates"
    wanted = dues(order)[0].day % 28 + 1
    before = dues(order)
    shown = client.post(path, {"day": str(wanted)}, follow=True)
    assert "Nothing has changed yet." in text(shown)
    assert [one["which"] for one in shown.context["coming"]["rows"]] == [f"{number} of 6" for number in range(1, 7)]
    assert dues(order) == before
    done = text(client.post(path, {"day": str(wanted), "agreed": "1"}, follow=True))
    assert "You changed the day of the month" in done
    assert {day.day for day in dues(order)} == {wanted}
    assert "No payment to come has another day then." in text(client.post(path, {"day": str(wanted)}, follow=True))
    refused = client.post(path, {"day": "32"}, follow=True)
    assert "less than or equal to 31" in refused.context["form"].errors["day"][0]
    assert 'value="32"' in refused.content.decode()


def test_dates_of_other_people_and_of_other_plans_stay(order, bought, client, sign_in, moment):
    other = bought(8_000)
    sign_in(client, other.consumer)
    before = dues(order)
    assert client.get(f"/purchases/{order.public_id}/dates").status_code == 404
    assert client.post(f"/purchases/{order.public_id}/dates", {"number": "2", "later": "3"}).status_code == 404
    with pytest.raises(Exception, match="Only monthly"):
        plans.change_day(plan_id=order.plan_id, day=5, actor="test", at=moment)
    assert dues(order) == before


def test_a_year_and_a_new_account_count():
    from datetime import date

    today, rules = date(2026, 6, 1), MoveRules()
    wish = Move(date(2026, 6, 10), 2, 4, date(2026, 6, 12))
    old = date(2025, 1, 1)
    told = [
        move_refused(wish, Past(0, 0, old), rules, today),
        move_refused(wish, Past(0, 3, old), rules, today),
        move_refused(wish, Past(0, 0, date(2026, 4, 21)), rules, today),
        move_refused(wish, Past(0, 0, date(2026, 4, 20)), rules, today),
        move_refused(wish, Past(0, 0, old), MoveRules(most_days=0), today),
    ]
    assert told == ["", "three_a_year", "new_account", "", "too_far"]


def test_payments_are_put_on_the_days_on_which_one_is_paid_once_a_year(order, client, sign_in):
    sign_in(client, order.consumer)
    path = f"/purchases/{order.public_id}/dates"
    before = dues(order)
    payday = before[1] - timedelta(days=3)
    given = {"rhythm": "fortnightly", "payday": payday.isoformat()}
    shown = client.post(path, given, follow=True)
    assert "Take these dates" in text(shown)
    assert [name for name, _value in shown.context["coming"]["fields"]] == ["rhythm", "payday"]
    assert dues(order) == before
    done = text(client.post(path, given | {"agreed": "1"}, follow=True))
    assert "You put your payments on your pay-days" in done
    assert dues(order) == [before[0], *(day + timedelta(days=11) for day in before[1:])]
    change = PlanChange.objects.get(plan=order.plan_id, kind="payday")
    assert (change.actor, change.reference) == (order.consumer.public_id, f"fortnightly:{payday.isoformat()}")
    rows = Installment.objects.filter(plan=order.plan_id).order_by("number")
    assert all(row.next_attempt_at.date() >= row.due_date - timedelta(days=1) for row in rows[1:])
    again = text(client.post(path, given | {"rhythm": "weekly"}, follow=True))
    assert "were put on your pay-days already" in again
    assert PlanChange.objects.filter(plan=order.plan_id, kind="payday").count() == 1


@pytest.mark.parametrize(
    ("rhythm", "later", "told"),
    [
        ("monthly", 3, "Two payments would fall on the same pay-day."),
        ("daily", 3, ""),
        ("weekly", 90, "within 31 days"),
        ("weekly", -2, "within 31 days"),
    ],
)
def test_pay_days_that_do_not_hold_change_nothing(order, client, sign_in, moment, rhythm, later, told):
    sign_in(client, order.consumer)
    before = dues(order)
    given = {"rhythm": rhythm, "payday": (moment.date() + timedelta(days=later)).isoformat()}
    for pressed in ({}, {"agreed": "1"}):
        assert told in text(client.post(f"/purchases/{order.public_id}/dates", given | pressed, follow=True))
    assert (dues(order), PlanChange.objects.filter(kind="payday").count()) == (before, 0)


def test_the_market_says_how_far_dates_may_move():
    days = [date(2026, 12, 7), date(2027, 1, 7)]
    friday, monthly = date(2026, 12, 4), date(2026, 11, 30)
    assert on_paydays(days, friday, "weekly", ANY_DAY) == [date(2026, 12, 11), date(2027, 1, 8)]
    assert on_paydays(days, friday, "fortnightly", ANY_DAY) == [date(2026, 12, 18), date(2027, 1, 15)]
    assert on_paydays(days, monthly, "monthly", ANY_DAY) == [date(2026, 12, 30), date(2027, 1, 30)]
    moved = on_paydays(days, monthly, "monthly", ANY_DAY)
    found = [paydays_refused(days, moved, PaydayRules(most), had=had) for most, had in [(30, 0), (10, 0), (0, 0), (30, 1)]]
    assert found == ["", "payday_far", "payday_never", "payday_used"]
    assert paydays_refused(days, days, PaydayRules(), had=0) == "payday_same"


@pytest.mark.parametrize(("rule", "last"), [("next", date(2027, 8, 2)), ("previous", date(2027, 7, 30))])
def test_changed_dates_keep_to_the_business_days_of_the_product(rule, last):
    """Saturday 1 May and Sunday 1 August are none, nor is Monday 5 July, a holiday; dates that they moved stay, and none moves back."""
    terms = replace(ANY_DAY, day_rule=rule, calendar="US")
    assert on_day([date(2027, 5, 2), date(2027, 5, 30), date(2027, 7, 20)], 1, terms) == [date(2027, 5, 3), date(2027, 6, 1), last]
    assert on_day([date(2027, 5, 3), date(2027, 6, 1)], 1, terms) == [date(2027, 5, 3), date(2027, 6, 1)]
    assert on_paydays([date(2027, 7, 5), date(2027, 7, 6)], date(2027, 7, 5), "weekly", terms) == [date(2027, 7, 6)] * 2


def test_the_page_shows_the_fee_of_a_move_before_it(agreed, order, client, sign_in):
    sign_in(client, order.consumer)
    path = f"/purchases/{order.public_id}/dates"
    page = client.get(path)
    assert "This adds a fee of $2.00 to the payment." in text(page)
    assert "It costs nothing" not in text(page)
    assert '<input type="hidden" name="fee" value="200">' in page.content.decode()
    refused = text(client.post(path, {"number": "2", "later": "3"}, follow=True))
    assert "This costs more now than you saw." in refused
    assert fees_of(order) == []
    done = text(client.post(path, {"number": "2", "later": "3", "fee": "200"}, follow=True))
    assert "The new date holds now. Its fee was added." in done
    assert "Fee for a moved date of $2.00" in done


def test_a_fee_that_a_rule_took_meanwhile_is_not_told_as_added(agreed, publish, order, client, sign_in):
    sign_in(client, order.consumer)
    publish(rule(when="kind == 'reschedule'"))
    done = text(client.post(f"/purchases/{order.public_id}/dates", {"number": "2", "later": "3", "fee": "200"}, follow=True))
    assert "The new dates hold now. Amounts stay as they were." in done
    assert "Its fee was added." not in done
