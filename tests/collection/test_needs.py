"""Who needs how much reminding: facts as of a day, a model learned from our own history, and people whose steps go by it."""

import gzip
import json
import math
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Consumer
from checkout import services as checkouts
from collection.arms import measure_arms
from collection.intervals import Difference, difference_of
from collection.judges import place_of, roles_of_reminders
from collection.models import Contact, LateNeed, LateNotice, Reminder
from collection.needs import FACTS, facts_on, list_cases
from collection.segments import need_of
from collection.services import close_days, mark_overdue
from collection.services.judging import judge_late
from core import clock
from learning.models import ModelVersion, RoleChange
from learning.services import promote_model
from learning.storing import digest
from markets.models import MarketSetting
from markets.queries import forget_rows, step_rows
from plans.models import Installment, Plan
from reports.retraining import retrain
from tests.learning.conftest import few_trees
from tests.operators import make_operator
from tests.owner import as_owner
from tests.portals.reading import text_of

__all__ = ["few_trees"]
DAY = timedelta(days=1)
TABLE = {"first_days": 4, "first_tone": "friendly", "second_days": 9, "second_tone": "firm", "apart_days": 3}
PATIENT = {"first_days": 8, "first_tone": "friendly", "first_by": "inbox", "apart_days": 3}


@pytest.fixture(autouse=True)
def _fresh():
    yield
    forget_rows("notice.default")
    forget_rows("reminder.steps")


@pytest.fixture
def owes(buy, merchant, at):
    """Have a person buy and take the goods; their first payment is due at once and never taken."""

    def owe(number: int = 1) -> Plan:
        order = buy(merchant, 22_900, email=f"p{number}+approve@people.example", merchant_reference=f"R-{number}")
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
        return Plan.objects.select_related("consumer").get(id=order.plan_id)

    return owe


def pay(plan, number: int, *, late: int) -> date:
    """Have a payment paid so many days after its due date; return that."""
    row = Installment.objects.get(plan=plan, number=number)
    paid = datetime.combine(row.due_date, time(18), UTC) + late * DAY
    amounts = {"paid_principal_minor": F("principal_minor"), "paid_interest_minor": F("interest_minor")}
    Installment.objects.filter(pk=row.pk).update(status="paid", paid_at=paid, next_attempt_at=None, **amounts)
    return row.due_date


def has_role(role: str, percent: float, *, share: int = 100, told: str = "") -> None:
    """Give a role to a model whose risk is the same for everybody, in percent; `told` is a digest that is not its own."""
    silent = {"knots": [], "y": [0.0, 0.0], "x0": [0.0], "slope": [0.0]}
    model = {"base": math.log(percent / (100 - percent)), "parts": [silent] * len(FACTS), "pairs": []}
    plain = {"recipe": {"numbers": list(FACTS), "words": {}, "derived": []}, "references": {}, "models": {"scorecard": model}}
    flat = gzip.compress(json.dumps(plain).encode(), mtime=0)
    kept = {"stored": b"", "stored_digest": "x", "flat": flat, "flat_digest": told or digest(flat), "lineage": {}, "card": {}, "code": "x"}
    at = datetime(2026, 11, 1, tzinfo=UTC)
    version = ModelVersion.objects.create(family="reminder", name=role, version=1, made_by="x", made_at=at, **kept)
    given = {"kind": "scorecard", "share": share, "reason": "x", "proposed_by": "a", "approved_by": "b", "at": at}
    RoleChange.objects.create(family="reminder", role=role, version=version, **given)
    roles_of_reminders.forget()


def steps(**by_segment):
    """Set the steps of the market, and those of some segments."""
    told = {"reminder.steps": TABLE} | {f"reminder.steps.{code}": value for code, value in by_segment.items()}
    step_rows.keep([MarketSetting(market_id="US", key=key, value=told[key], valid_from=date.min, source="test") for key in told])


def live(at, days):
    mark_overdue(at=at + days * DAY)
    close_days(at=at + days * DAY)


def test_facts_are_those_of_the_day_and_a_case_is_bad_if_it_is_not_paid_in_two_weeks(owes, at):
    plan = owes()
    due = [pay(plan, 1, late=5), pay(plan, 2, late=0), pay(plan, 3, late=20)]
    Reminder.objects.create(consumer=plan.consumer, since=due[0], number=1, days=4, tone="friendly", day=due[0] + 4 * DAY, at=at)
    (first,) = facts_on([(plan.consumer_id, due[0] + DAY)])
    assert (first["paid_on_time"], first["paid_late"], first["late_payments"], first["days_late"]) == (0, 0, 1, 1)
    assert (first["method"], first["reminded"], first["heeded"], first["promises_broken"]) == ("card", 0, 0, 0)
    (later,) = facts_on([(plan.consumer_id, due[2] + DAY)])
    assert (later["paid_on_time"], later["paid_late"], later["late_payments"], later["heeded"], later["ignored"]) == (1, 1, 1, 1, 0)
    assert (later["late_share"], later["paid_share"]) == (0.5, 0.5)
    heads, *cases = list_cases(at=datetime.combine(due[2], time(), UTC) + 17 * DAY)
    found = [dict(zip(heads, row, strict=True)) for row in cases]
    assert [(one["case_on"], one["reminded"], one["bad"]) for one in found] == [
        ((due[0] + DAY).isoformat(), 0, 0),
        ((due[0] + 4 * DAY).isoformat(), 1, 0),
        ((due[2] + DAY).isoformat(), 0, 1),
    ]
    assert len(list(list_cases(at=datetime.combine(due[2], time(), UTC) + 16 * DAY))) == 3


def test_a_model_is_learned_from_our_own_history_and_two_people_put_it_to_work(owes, at, few_trees):
    plans = [owes(number) for number in range(14)]
    with pytest.raises(CommandError, match=r"^no reminder case has ended yet: at least 20 bad and 20 good ones"):
        call_command("reminder_model", "retrain")
    for number, plan in enumerate(plans):
        Consumer.objects.filter(pk=plan.consumer_id).update(created_at=at - 31 * number * DAY)
        for payment in (1, 2, 3, 4):
            # Half of the people pay late and most of the time too late, the others soon.
            pay(plan, payment, late=18 if (number % 2 == 0) != ((number + payment) % 5 == 0) else 4)
    found = retrain(family="reminder", at=at + 200 * DAY, actor="rita")
    assert (str(found.version), found.cases, found.bad) == ("own 1", 56, 29)
    told = {"family": "reminder", "name": "own", "version": 1, "kind": "scorecard", "role": "challenger", "share": 100}
    promote_model(**told, reason="x", actor="rita", approved_by="paul", at=at)
    roles_of_reminders.forget()
    new = owes(99)
    Plan.objects.filter(pk__in=[plan.pk for plan in plans]).update(status="completed")
    live(at, 3)
    judged = LateNeed.objects.get()
    assert (judged.consumer_id, judged.arm, judged.model) == (new.consumer_id, "challenger", "own 1 scorecard")
    assert judged.need == need_of(judged.risk_bps)


def test_who_is_in_the_share_of_the_challenger_has_the_steps_of_their_need_and_the_others_those_of_the_table(owes, at):
    one, other = sorted((owes(1), owes(2)), key=lambda plan: place_of(plan.consumer_id))
    steps(self=PATIENT)
    with as_owner():
        law = {"from_days": 6, "payments": 1, "days": 14, "law": "A law, s. 1"}
        MarketSetting.objects.create(market_id="US", key="notice.default", value=law, valid_from=date(2025, 1, 1), source="A law")
    forget_rows("notice.default")
    has_role("challenger", 5.0, share=place_of(one.consumer_id) + 1)
    for day in range(1, 11):
        live(at, day)
    assert set(LateNeed.objects.values_list("consumer", "arm", "need", "risk_bps")) == {
        (one.consumer_id, "challenger", "self", 500),
        (other.consumer_id, "table", "self", 500),
    }
    found = Reminder.objects.order_by("id").values_list("consumer", "days", "by", "arm", "need")
    of_table, of_model = ("table", "self"), ("challenger", "self")
    assert list(found) == [
        (other.consumer_id, 4, "", *of_table),
        (one.consumer_id, 8, "inbox", *of_model),
        (other.consumer_id, 9, "", *of_table),
    ]
    # What the law wants told is told to both.
    assert set(LateNotice.objects.values_list("plan", flat=True)) == {one.pk, other.pk}


def test_without_a_model_that_can_be_read_the_table_counts(owes, at):
    plan = owes()
    steps(self=PATIENT)
    has_role("champion", 5.0, told="another")
    live(at, 6)
    assert (LateNeed.objects.count(), list(Reminder.objects.values_list("consumer", "arm"))) == (0, [(plan.consumer_id, "")])


def test_judging_asks_the_same_number_of_questions_for_any_number_of_people(owes, at):
    people = {owes(number).consumer_id: at.date() for number in range(6)}
    has_role("challenger", 80.0, share=50)
    day = at.date() + DAY
    counts = []
    keys = list(people)
    judge_late(people={keys[0]: people[keys[0]]}, day=day, at=at)
    for some in (keys[1:2], keys[2:]):
        with CaptureQueriesContext(connection) as asked:
            found = judge_late(people={key: people[key] for key in some}, day=day, at=at)
        counts.append(len(asked))
        assert {one.need for one in found.values()} == {"call"}
    assert counts == [4, 4]


def test_the_difference_of_two_shares_has_bounds_and_says_nothing_of_few_people():
    # Newcombe 1998, table II (a), method 10: 0.0524 to 0.3339.
    assert difference_of(56, 70, 48, 80) == Difference(2_000, 524, 3_339)
    assert difference_of(29, 29, 0, 400) is None


def test_what_came_of_the_arms_is_counted_once_their_days_are_over(owes, at, client, monkeypatch):
    plans = [owes(number) for number in range(3)]
    due = [pay(plans[0], 1, late=6), pay(plans[1], 1, late=12)][0]
    day, today = due + DAY, due + 16 * DAY
    for plan, arm in zip(plans, ("table", "challenger", "challenger"), strict=True):
        LateNeed.objects.create(consumer=plan.consumer, since=due, day=day, at=at, arm=arm, need="light", risk_bps=3_000, model="own 1")
    for number, ago in enumerate((2, 9, 40)):
        told = {"channel": "sms", "reference": f"msg_{number}", "day": day + ago * DAY, "at": at}
        Contact.objects.create(consumer=plans[1].consumer, **told)
    found = measure_arms(market="US", first=day, last=day, today=today)
    table, tried = found["table", "light"], found["challenger", "light"]
    assert (table.people, table.paid, table.known, table.paid_within) == (1, 1, {7: 1, 14: 1, 30: 0}, {7: 1, 14: 1, 30: 0})
    assert (tried.people, tried.paid, tried.known, tried.paid_within) == (2, 1, {7: 2, 14: 2, 30: 0}, {7: 0, 14: 1, 30: 0})
    assert (tried.contacts, tried.cost_cents, tried.complaints) == (2, 14, 0)
    page = reverse("admin:collection_case_steps")
    client.force_login(make_operator("sam@kvart.example", may=["view_consumerrequest"]))
    assert client.get(page).status_code == 403
    client.force_login(make_operator("rita@kvart.example", may=["view_case"]))
    # Only now, when all that reads the clock by its name is loaded.
    monkeypatch.setattr(clock, "now", lambda: datetime.combine(today, time(20), UTC))
    text = text_of(client.get(page, {"market": "US"}))
    for told in ("Model (challenger) against Table of the market", "too few people yet", "Light hand · Table of the market", "0.14"):
        assert told in text, told
