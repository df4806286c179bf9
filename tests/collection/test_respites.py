"""A breathing space: all stands still from its day, payments move behind it without more interest, a review is due, it ends by itself."""

from datetime import date

import pytest
from django.db import IntegrityError

from checkout import services as checkouts
from collection import services as collection
from collection.asking import asked_help_of
from collection.models import Case, Task
from collection.promises import room_of
from collection.settling import Terms, moved
from core.errors import Conflict, Invalid
from markets.catalog import value_faults
from markets.models import MarketSetting
from markets.queries import RESPITE, respite_rows
from plans import services as plans
from plans.models import Installment, Plan, PlanChange, Standstill
from plans.queries import installments_of
from plans.rearranging import why_not
from plans.records import repayment_records
from plans.standstill import find_respite_of
from tests.collection.test_cases import DAY, anna, case, now, plan
from tests.plans.conftest import fees
from tests.portals.conftest import moment, sign_in
from tests.portals.test_consumer_pages import text
from tests.portals.test_promises import letters

__all__ = ["anna", "case", "fees", "moment", "now", "plan", "sign_in"]
UK = {"days": 60, "after_days": 30, "hold_days": 30, "review_days": 25}


@pytest.fixture
def law():
    respite_rows.keep([MarketSetting(market_id="US", key=RESPITE, value=UK, valid_from=date.min, source="test")])
    yield
    respite_rows.forget()


def dates(plan):
    rows = Installment.objects.filter(plan=plan).order_by("number")
    return [(row.due_date, row.status, row.principal_minor + row.interest_minor) for row in rows]


def begin(case, anna, now, kind="breathing", reference="BS-2026-1"):
    return collection.note_respite(case_id=case.id, kind=kind, reference=reference, user=anna, at=now)


def test_all_stands_still_for_its_days_and_goes_on_by_itself(fees, plan, case, anna, now, law, client, sign_in):
    before = dates(plan)
    with pytest.raises(Invalid, match="Say which notice it is"):
        begin(case, anna, now, reference=" ")
    made = begin(case, anna, now)
    today = date(2026, 11, 30)
    assert (made.until, made.reference, find_respite_of(plan.consumer_id)) == (today + 59 * DAY, "BS-2026-1", made)
    first = made.until + 7 * DAY
    # What is late comes a week after its end, the others as much later; no amount grows.
    assert dates(plan)[0] == (first, "scheduled", 5_725)
    assert [(was[0] + (first - today), was[2]) for was in before[1:]] == [(row[0], row[2]) for row in dates(plan)[1:]]
    assert PlanChange.objects.filter(plan=plan, kind="respite").count() == 1
    assert list(Task.objects.values_list("due_on", flat=True)) == [today + 25 * DAY]
    with pytest.raises(Conflict, match="runs already"):
        begin(case, anna, now, kind="advice")
    rows = installments_of(plan)
    assert room_of(plan, rows, now).refused in {"respite", "not_late"}
    assert why_not(plan, rows, "reamortized", now) == "respite"

    sign_in(client, plan.consumer)
    home = text(client.get("/home"))
    assert "You have a breathing space until" in home
    assert "New purchases wait until your breathing space is over." in home
    assert repayment_records([plan.consumer.holder_id])[plan.consumer.holder_id][plan.consumer.brand_id].eased_now == 1
    # Nothing is taken, late or with a fee; the case waits for its review; nobody calls.
    for days in (20, 40):
        collection.close_days(at=now + days * DAY)
        assert collection.mark_overdue(at=now + days * DAY) == 0
    assert Case.objects.get(pk=case.pk).status == "open"
    with pytest.raises(Conflict, match="Collecting stands still"):
        collection.start_call(case_id=case.id, user=anna, at=now + 20 * DAY)
    with pytest.raises(IntegrityError, match="no two operators agreed"):
        Standstill.objects.filter(pk=made.pk).update(ended_at=now + 59 * DAY)


def test_it_ends_the_day_after_its_last_and_workers_charge_again(plan, case, anna, now, law):
    made = begin(case, anna, now, kind="advice")
    assert (made.until - date(2026, 11, 30)).days == 29
    over = now + 30 * DAY
    assert plans.end_respites(zone=plan.time_zone, day=made.until - DAY, at=now + 29 * DAY) == 0
    assert (collection.close_days(at=over) > 0, find_respite_of(plan.consumer_id)) == (True, None)
    assert plans.end_respites(zone=plan.time_zone, day=made.until, at=over) == 0
    # They are told once, with what falls due when.
    [letter] = letters("schedule_changed")
    assert "Your breathing space is over, and your payments go on." in letter.text
    assert f"{made.until + 7 * DAY:%B} {(made.until + 7 * DAY).day}" in letter.text
    assert Installment.objects.filter(plan=plan, status="overdue").count() == 0
    assert collection.run_due(at=over + 10 * DAY) == 1


def test_a_crisis_lasts_until_thirty_days_after_its_treatment(plan, case, anna, now, law):
    promise = collection.promise_to_pay(plan_id=plan.pk, amount_minor=1_000, pay_on=now.date() + 3 * DAY, actor="con", at=now)
    made = begin(case, anna, now, kind="crisis", reference="MH-1")
    assert (made.until, dates(plan)[0][1]) == (None, "overdue")
    later = now + 100 * DAY
    collection.close_days(at=later)
    # What is late stays so, and is not given up meanwhile; no promise is broken.
    promise.refresh_from_db()
    assert promise.status == "fell_away"
    assert (find_respite_of(plan.consumer_id), asked_help_of([plan.pk], later)) == (made, {plan.pk})
    with pytest.raises(Invalid, match="Choose another day"):
        collection.note_treatment_ended(case_id=case.id, on=later.date() + DAY, user=anna, at=later)
    until = collection.note_treatment_ended(case_id=case.id, on=later.date(), user=anna, at=later)
    assert (until, dates(plan)[0][0]) == (later.date() + 30 * DAY, until + 7 * DAY)
    with pytest.raises(Conflict, match="open end"):
        collection.note_treatment_ended(case_id=case.id, on=later.date(), user=anna, at=later)
    # A death is noted beside it, and goes before it.
    collection.note_standstill(case_id=case.id, kind="deceased", user=anna, at=later)
    collection.close_days(at=later + 40 * DAY)
    assert [one.kind for one in Standstill.objects.filter(ended_at=None)] == ["deceased"]
    assert Plan.objects.get(pk=plan.pk).status == "active"


def test_one_of_the_law_follows_the_time_with_an_adviser_and_payments_wait_a_week_after_it(plan, case, anna, now, law):
    first = begin(case, anna, now, kind="advice")
    assert dates(plan)[0][0] == first.until + 7 * DAY
    later = now + 20 * DAY
    second = begin(case, anna, later, reference="BS-2026-2")
    assert (second.until, find_respite_of(plan.consumer_id)) == (first.until + 50 * DAY, second)
    assert dates(plan)[0][0] == second.until + 7 * DAY
    parts = Terms(((now.date() + 5 * DAY, 1_000),))
    assert moved(parts, [first, second], plan.time_zone).parts[0][0] == now.date() + (5 + 80) * DAY
    with pytest.raises(Conflict, match="runs already"):
        begin(case, anna, later, reference="BS-2026-3")


def test_a_review_comes_before_the_end():
    assert "review_days" in value_faults(RESPITE, UK | {"review_days": 30})
    assert value_faults(RESPITE, UK) == {}


@pytest.fixture
def unshipped(buy, merchant, plan):
    return buy(merchant, 8_000)


def test_what_is_shipped_meanwhile_waits_behind_it_too(unshipped, merchant, plan, case, anna, now, law):
    order = unshipped
    assert order.consumer_id == plan.consumer_id
    made = begin(case, anna, now)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=now + DAY)
    before = dates(order.plan)
    assert plans.wait_in_respite(plan_id=order.plan_id, at=now + DAY) == 4
    first = made.until + 7 * DAY
    assert [row[0] for row in dates(order.plan)] == [row[0] + (first - before[0][0]) for row in before]
    assert (dates(order.plan)[0][0], plans.wait_in_respite(plan_id=order.plan_id, at=now + DAY)) == (first, 0)
