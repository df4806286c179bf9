"""Disaster areas: declared by two people, walked in chunks, no charge, fee or reminder in the pause, and back on one's own."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import services as accounts
from checkout import services as checkouts
from collection import services as collection
from collection.contacting import Attempt, judge, read_known
from controls import services as controls
from controls.queries import differences
from core.clock import local_date
from core.errors import Conflict, Invalid
from core.models import OutboxEvent
from plans import areas
from plans import services as plans
from plans.areas import count_hit, list_pauses
from plans.declaring import AREA, CAUSE, CODES, NAME, OPEN, PLANS, TEXT, UNTIL
from plans.models import AreaPause, DisasterArea, Fee, Installment, Plan, PlanChange
from plans.rules.areas import entries_of, is_within, pause_days
from plans.services import areas as worker
from reports.books import check_books
from tests.cast import NOW
from tests.operators import make_operator

DAY = timedelta(days=1)
AWAY = {"line1": "1 Hill Road", "city": "Austin", "postal_code": "73301", "region": "TX", "country": "US"}


def offenders() -> list:
    return [line for check in check_books() for line in check.offenders]


@pytest.fixture
def anna(buy, merchant):
    made = buy(merchant, 22_900)
    checkouts.capture_order(order_id=made.id, merchant=merchant, amount_minor=None, actor="test", at=NOW)
    return made


@pytest.fixture
def ben(buy, merchant):
    """A purchase of somebody who lives far away."""
    made = buy(merchant, 8_000, email="ben+approve@people.example")
    checkouts.capture_order(order_id=made.id, merchant=merchant, amount_minor=None, actor="test", at=NOW)
    move(made, AWAY, NOW)
    return made


def move(order, home, at):
    person = order.consumer
    known = {"name": person.name, "birth_date": date.fromisoformat(person.birth_date)}
    accounts.update_details(consumer=person, **known, address=home, at=at, actor="test")


def declare(order, *, days=30, at=NOW + DAY, **changed):
    """Declare the area in which a person lives, by two people."""
    market = order.plan.product.market
    rita, otto = (
        make_operator(f"{name}{days}@kvart.example", may=[may]) for name, may in (("rita", "propose_refund"), ("otto", "approve_refund"))
    )
    today = local_date(at, market.time_zone)
    after = {NAME: "Flooded valley", CAUSE: "flood", CODES: [order.consumer.address["postal_code"][:3]], TEXT: "We think of you.", PLANS: 1}
    after |= {UNTIL: (today + timedelta(days=days)).isoformat(), OPEN: 22_900} | changed
    made = controls.propose(kind=AREA, subject=market.code, after=after, reason="a flood", starts_on=today, user=rita, at=at)
    assert ("Kind of disaster", "A flood") in [(one.name, one.after) for one in differences(made)]
    assert not DisasterArea.objects.filter(proposal=made).exists()
    controls.approve_proposal(proposal_id=made.pk, user=otto, at=at)
    return DisasterArea.objects.get(proposal=made)


def dates(order):
    found = Installment.objects.filter(plan=order.plan_id, status__in=Installment.OPEN).order_by("due_date")
    return [(row.due_date, row.status) for row in found]


def test_postal_codes_are_beginnings_and_ranges():
    assert entries_of(" 33, 8000-8299\nsw1a ") == ["33", "8000-8299", "SW1A"]
    assert [is_within(code, ["33", "8000-8299", "SW1A"]) for code in ("33101-1234", "8299", "SW1A 1AA", "8300", "43310", "")] == [
        True, True, True, False, False, False
    ]  # fmt: skip
    for wrong in ("", "8299-8000", "80-8299", "a b!"):
        with pytest.raises(ValueError, match=r"^(8299-8000|80-8299|A B!|)$"):
            entries_of(wrong)
    today = date(2026, 11, 23)
    assert pause_days(today + 30 * DAY, today, [], 3) == 37
    assert pause_days(today + 30 * DAY, today, [], 14) == 45
    assert pause_days(today + 40 * DAY, today, [today + 30 * DAY], 3) == 10
    assert pause_days(today - DAY, today, [], 3) == 0


def test_nothing_is_taken_late_or_asked_for_in_the_area_and_payments_go_on_by_themselves(anna, ben, at):
    late = at + 3 * DAY
    plans.mark_late(at=late, limit=100)
    elsewhere, before = dates(ben), dates(anna)
    assert before[0][1] == "overdue"
    hit = count_hit(anna.plan.product.market, [anna.consumer.address["postal_code"]])
    assert (hit.plans, len(hit.people), hit.open_minor) == (1, 1, 22_900)
    area = declare(anna, at=late)
    assert plans.pause_areas(at=late) == 1
    assert plans.pause_areas(at=late) == 0
    today = local_date(late, anna.plan.time_zone)
    assert dates(anna) == [(max(day, today) + 37 * DAY, "scheduled") for day, _status in before]
    assert dates(ben) == elsewhere
    attempt = Attempt("m", anna.consumer, "email", {anna.plan_id: [1]}, asks=True, any_hour=True)
    assert judge(attempt, read_known([attempt], late), late).why == "paused"
    for day in range(31):
        now = late + day * DAY
        collection.run_due(at=now)
        collection.mark_overdue(at=now)
        collection.close_days(at=now)
        collection.remind_upcoming(at=now)
    assert Installment.objects.filter(plan=anna.plan_id, status="paid").count() == 0
    assert not Fee.objects.filter(installment__plan=anna.plan_id).exists()
    assert not OutboxEvent.objects.filter(
        name__in=["plans.payment_upcoming", "collection.person_reminded"], payload__plan=anna.plan.public_id
    ).exists()
    collection.run_due(at=late + 38 * DAY)
    assert Installment.objects.filter(plan=anna.plan_id, status="paid").count() == 1
    area.refresh_from_db()
    assert area.done_at == late
    assert PlanChange.objects.filter(plan=anna.plan_id, kind="area").count() == 1
    assert offenders() == []


def test_who_goes_on_as_before_has_the_dates_back_and_is_not_paused_again(anna, at):
    before = dates(anna)
    declare(anna, at=at + 2 * DAY)
    plans.pause_areas(at=at + 2 * DAY)
    plans.go_on(plan_id=anna.plan_id, actor=anna.consumer.public_id, at=at + 20 * DAY)
    today = local_date(at + 20 * DAY, anna.plan.time_zone)
    assert dates(anna) == [(max(day, today), "scheduled") for day, _status in before]
    with pytest.raises(Conflict) as refused:
        plans.go_on(plan_id=anna.plan_id, actor="test", at=at + 20 * DAY)
    assert refused.value.code == "plans.not_paused"
    collection.close_days(at=at + 21 * DAY)
    assert dates(anna)[0][0] == today
    assert offenders() == []


def test_who_moves_there_and_what_is_shipped_there_is_paused_at_the_close_of_day(anna, ben, buy, merchant, at):
    declare(anna, at=at + DAY)
    plans.pause_areas(at=at + DAY)
    collection.close_days(at=at + DAY)
    move(ben, anna.consumer.address, at + 2 * DAY)
    more = buy(merchant, 6_000, at + 2 * DAY)
    checkouts.capture_order(order_id=more.id, merchant=merchant, amount_minor=None, actor="test", at=at + 2 * DAY)
    collection.close_days(at=at + 3 * DAY)
    assert {one.plan_id for one in AreaPause.objects.all()} == {anna.plan_id, ben.plan_id, more.plan_id}
    kept = AreaPause.objects.count()
    collection.close_days(at=at + 4 * DAY)
    assert AreaPause.objects.count() == kept


def test_a_worker_that_is_killed_goes_on_where_it_was_and_moves_nothing_twice(anna, ben, at, monkeypatch):
    move(ben, anna.consumer.address, at)
    declare(anna, at=at + DAY)
    monkeypatch.setattr(areas, "CHUNK", 1)
    whole = worker._pause

    def killed(plan, area, now):
        if AreaPause.objects.exists():
            raise KeyboardInterrupt
        return whole(plan, area, now)

    monkeypatch.setattr(worker, "_pause", killed)
    with pytest.raises(KeyboardInterrupt):
        plans.pause_areas(at=at + DAY)
    monkeypatch.setattr(worker, "_pause", whole)
    assert plans.pause_areas(at=at + DAY) == 1
    assert sorted(AreaPause.objects.values_list("plan", flat=True)) == sorted([anna.plan_id, ben.plan_id])
    assert DisasterArea.objects.get().done_at


def test_a_payment_that_a_due_run_makes_at_this_moment_goes_its_way(anna, at):
    first = Installment.objects.filter(plan=anna.plan_id).order_by("due_date").first()
    Installment.objects.filter(pk=first.pk).update(charge_id=anna.plan_id)
    declare(anna, at=at + DAY)
    plans.pause_areas(at=at + DAY)
    first.refresh_from_db()
    assert first.due_date == local_date(at, anna.plan.time_zone)
    # It failed: the close of day pauses it too.
    Installment.objects.filter(pk=first.pk).update(charge_id=None)
    collection.close_days(at=at + 2 * DAY)
    first.refresh_from_db()
    assert first.due_date > local_date(at + 31 * DAY, anna.plan.time_zone)
    assert len(list_pauses(anna.plan_id, local_date(at + 2 * DAY, anna.plan.time_zone))) == 2


def test_a_list_of_areas_takes_the_same_statements_however_long(anna, at, client):
    declare(anna, at=at + DAY)
    plans.pause_areas(at=at + DAY)
    client.force_login(make_operator("vera@kvart.example", may=["view_disasterarea"]))
    page = reverse("admin:plans_disasterarea_changelist")
    with CaptureQueriesContext(connection) as one:
        client.get(page)
    declare(anna, days=31, at=at + DAY)
    declare(anna, days=32, at=at + DAY)
    with CaptureQueriesContext(connection) as three:
        shown = client.get(page)
    assert [row.plans_paused for row in shown.context["cl"].result_list] == [None, None, 1]
    assert len(three) <= len(one)


@pytest.mark.parametrize(
    ("changed", "field"), [({CODES: ["8-"]}, CODES), ({TEXT: " "}, TEXT), ({UNTIL: "2027-12-01"}, UNTIL), ({UNTIL: "2026-11-01"}, UNTIL)]
)
def test_what_is_no_area_is_refused_by_its_field(anna, changed, field):
    with pytest.raises(Invalid) as refused:
        declare(anna, **changed)
    assert set(refused.value.fields) == {field}
    assert Plan.objects.filter(area_pauses__isnull=False).count() == 0
