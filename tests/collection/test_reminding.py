"""Reminders by a market's steps, one for all that is late of a person, and notices for which what follows waits."""

from datetime import date, timedelta

import pytest

from checkout import services as checkouts
from collection.errors import NoticeFirst
from collection.models import Case, Complaint, LateNotice, Reminder
from collection.reminding import Step, check_notice, next_step, steps_in, waiting_for_notice
from collection.services import close_days, mark_overdue, note_told, stop_contact
from core import relay
from markets.catalog import value_faults
from markets.models import MarketSetting
from markets.queries import forget_rows, step_rows
from notifications import services as notifications
from notifications.letters import compose_letter
from notifications.models import Message, Notice
from notifications.queries import load_named
from plans import services as plans
from plans.models import Installment, Plan
from tests.owner import as_owner

DAY = timedelta(days=1)
STEPS = [Step(1, 4, "friendly"), Step(2, 11, "firm"), Step(3, 25, "last")]
TODAY = date(2026, 12, 20)
LAW = {"from_days": 10, "payments": 1, "days": 14, "law": "A law, s. 1"}


@pytest.fixture(autouse=True)
def _fresh():
    yield
    forget_rows("notice.default")
    forget_rows("reminder.steps")


@pytest.fixture
def plan(buy, merchant, at):
    """A plan whose first payment, 57.25, was due on 22 November and is never taken."""
    return captured(buy(merchant, 22_900), merchant, at)


def captured(order, merchant, at):
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    close_days(at=at)
    return Plan.objects.select_related("consumer", "product").get(id=order.plan_id)


def live(at, days):
    """Let so many days pass after a moment, and close each."""
    mark_overdue(at=at + days * DAY)
    close_days(at=at + days * DAY)


def pay(plan, *numbers):
    for row in Installment.objects.filter(plan=plan, number__in=numbers):
        row.paid_principal_minor = row.principal_minor
        row.settle()
        row.save()


@pytest.mark.parametrize(
    ("days", "taken", "due"),
    [
        (3, [], None),
        (4, [], 1),
        (10, [(1, 6)], None),
        (11, [(1, 7)], 2),
        (11, [(1, 4)], None),
        (30, [], 3),
        (30, [(3, 20)], None),
        (12, [(2, 20), (1, 30)], None),
        (11, [(0, 4)], None),
        (11, [(0, 7)], 2),
    ],
)
def test_the_last_step_that_is_due_is_taken_once_and_not_too_soon_after_another(days, taken, due):
    before = [(number, TODAY - ago * DAY) for number, ago in taken]
    found = next_step(STEPS, days=days, apart=5, taken=before, today=TODAY)
    assert (found.number if found else None) == due


def test_steps_come_one_after_the_other_and_each_has_a_tone():
    right = {"first_days": 4, "first_tone": "friendly", "second_days": 9, "second_tone": "last", "apart_days": 3}
    assert value_faults("reminder.steps", right) == {}
    assert steps_in(right) == [Step(1, 4, "friendly"), Step(2, 9, "last")]
    assert set(value_faults("reminder.steps", right | {"second_days": 4})) == {"second_days"}
    assert set(value_faults("reminder.steps", right | {"fourth_days": 20, "fourth_tone": "last"})) == {"fourth_days"}


def test_a_person_with_two_late_plans_is_reminded_once_of_both(plan, buy, merchant, at):
    captured(buy(merchant, 10_000, merchant_reference="R-2"), merchant, at)
    live(at, 12)
    live(at, 12)
    found = list(Reminder.objects.order_by("id"))
    assert [(one.number, one.days, one.tone) for one in found] == [(1, 4, "friendly"), (2, 11, "firm")]
    relay.drain()
    waiting = Message.objects.filter(kind__in=["payment_late", "late_reminder"], channel="email", status="queued")
    (message,) = waiting
    letter = compose_letter(message, load_named([message]))
    assert "Also late: Nordlys Lamps $25.00." in letter.text
    assert sorted(message.context["about"].values()) == [[1], [1]]


@pytest.mark.parametrize(
    ("way", "stopped", "channels"),
    [
        ("sms", False, ["inbox", "sms"]),
        ("sms", True, ["email", "inbox"]),
        ("inbox", False, ["inbox"]),
        ("email", False, ["email", "inbox"]),
    ],
)
def test_a_step_is_sent_the_way_of_its_setting_and_never_by_one_that_was_stopped(plan, at, way, stopped, channels):
    value = {"first_days": 4, "first_tone": "friendly", "first_by": way, "apart_days": 3}
    assert value_faults("reminder.steps", value) == {}
    assert set(value_faults("reminder.steps", value | {"second_by": "sms"})) == {"second_days"}
    step_rows.keep([MarketSetting(market_id="US", key="reminder.steps", value=value, valid_from=date.min, source="test")])
    plan.consumer.phone = "+12025550123"
    plan.consumer.save(update_fields=["phone"])
    if stopped:
        stop_contact(consumer_id=plan.consumer_id, channel="sms", actor="test", at=at)
    live(at, 6)
    relay.drain()
    assert sorted(Message.objects.filter(kind="late_reminder").values_list("channel", flat=True)) == channels


def test_a_letter_of_which_a_part_is_paid_is_written_anew_with_what_is_left(plan, buy, merchant, at):
    other = captured(buy(merchant, 10_000, merchant_reference="R-2"), merchant, at)
    live(at, 6)
    relay.drain()
    pay(other, 1)
    notifications.send_messages(at=at + 7 * DAY)
    found = list(Message.objects.filter(kind="late_reminder", channel="email").order_by("id"))
    assert [one.status for one in found][-2:] == ["dropped", "queued"]
    assert (found[-1].context["about"], found[-1].facts["tone"]) == ({plan.public_id: [1]}, "friendly")


def test_nobody_is_reminded_of_what_is_promised_stopped_or_of_the_dead(plan, at):
    for change in ({"promised_until": (at + 40 * DAY).date()}, {"stopped_at": at}):
        Plan.objects.filter(pk=plan.pk).update(**change)
        live(at, 8)
        Plan.objects.filter(pk=plan.pk).update(promised_until=None, stopped_at=None)
    plans.stand_still(consumer_id=plan.consumer_id, kind="deceased", actor="anna", at=at + 8 * DAY)
    live(at, 16)
    assert Reminder.objects.count() == 0


def demand(value):
    with as_owner():
        MarketSetting.objects.create(market_id="US", key="notice.default", value=value, valid_from=date(2025, 1, 1), source="A law")
    forget_rows("notice.default")


def refused(plan, at):
    with pytest.raises(NoticeFirst) as told:
        check_notice(plan, LateNotice.DEFAULT, at.date())
    return str(told.value.detail)


def test_what_the_law_wants_told_before_is_told_and_what_follows_waits_for_its_days(plan, at, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    demand(LAW)
    live(at, 10)
    assert LateNotice.objects.count() == 0
    live(at, 11)
    live(at, 12)
    given = LateNotice.objects.get()
    assert (given.kind, given.number, given.days, given.law, given.told_at) == ("default", 1, 14, "A law, s. 1", None)
    assert "has not been told yet" in refused(plan, at + 40 * DAY)
    relay.drain()
    kept = Notice.objects.get(kind="default_notice")
    assert kept.subject == given.public_id
    assert "Notice of default" in kept.paper["text"]
    assert "$57.25 of your purchase at Nordlys Lamps is late." in kept.paper["text"]
    sent_at = (at + 12 * DAY).replace(hour=20)
    notifications.send_messages(at=sent_at)
    given.refresh_from_db()
    assert given.told_at == sent_at
    assert "until the end of Dec 18, 2026" in refused(plan, sent_at + 14 * DAY)
    check_notice(plan, LateNotice.DEFAULT, (sent_at + 15 * DAY).date())


def test_a_notice_of_what_was_paid_before_it_was_sent_is_not_sent(plan, at):
    demand(LAW)
    live(at, 11)
    relay.drain()
    pay(plan, 1)
    notifications.send_messages(at=(at + 11 * DAY).replace(hour=20))
    assert Message.objects.get(kind="late_notice", channel="email").status == "dropped"
    assert LateNotice.objects.get().told_at is None


@pytest.mark.parametrize(
    ("value", "days", "count"),
    [
        ({"payments": 2}, 13, 0),
        ({"payments": 2}, 17, 1),
        ({"share_bps": 2_501}, 13, 0),
        ({"share_bps": 2_500}, 13, 1),
        ({"again_days": 5}, 17, 2),
        ({}, 17, 1),
    ],
)
def test_a_notice_waits_for_payments_and_a_share_of_the_credit_and_may_come_again(plan, at, value, days, count):
    demand(LAW | value)
    live(at, days)
    assert LateNotice.objects.count() == count


def test_where_no_notice_is_demanded_nothing_waits(plan, at):
    live(at, 11)
    check_notice(plan, LateNotice.DEFAULT, (at + 11 * DAY).date())
    assert LateNotice.objects.count() == 0


def test_a_notice_counts_only_for_what_was_late_when_it_was_given(plan, at):
    demand(LAW)
    live(at, 11)
    note_told(notices=[LateNotice.objects.get().pk], at=at + 11 * DAY)
    live(at, 16)
    pay(plan, 1)
    live(at, 30)
    found = LateNotice.objects.order_by("id")
    assert [one.number for one in found] == [1, 2]
    assert found[0].since == found[1].since
    assert "has not been told yet" in refused(plan, at + 40 * DAY)


def test_a_notice_whose_letter_was_not_sent_for_a_week_is_given_again(plan, at):
    demand(LAW)
    live(at, 11)
    live(at, 17)
    assert LateNotice.objects.count() == 1
    live(at, 18)
    assert [one.number for one in LateNotice.objects.order_by("id")] == [1, 2]


def test_what_waits_for_a_notice_is_read_at_once_for_all_plans(plan, buy, merchant, at, django_assert_num_queries):
    other = captured(buy(merchant, 10_000, merchant_reference="R-2"), merchant, at)
    demand(LAW)
    live(at, 11)
    LateNotice.objects.filter(plan=plan).update(told_at=at + 11 * DAY)
    keys = [plan.pk, other.pk]
    waiting_for_notice(keys, LateNotice.DEFAULT, at)
    with django_assert_num_queries(3):
        assert waiting_for_notice(keys, LateNotice.DEFAULT, at + 20 * DAY) == {plan.pk: (at + 25 * DAY).date(), other.pk: None}
    assert waiting_for_notice(keys, LateNotice.DEFAULT, at + 26 * DAY) == {other.pk: None}


def test_reminders_of_another_plan_keep_their_days_apart_too(plan, buy, merchant, at):
    other = captured(buy(merchant, 10_000, merchant_reference="R-2"), merchant, at)
    live(at, 5)
    pay(plan, 1)
    Plan.objects.filter(pk=other.pk).update(late_since=other.late_since or (at + 2 * DAY).date())
    live(at, 6)
    assert [(one.number, one.days) for one in Reminder.objects.order_by("id")] == [(1, 4)]


def test_who_complains_is_not_reminded_before_the_answer_not_even_in_the_inbox(plan, at):
    told = {"currency": "USD", "opened_on": at.date(), "rank": 1, "days": 1, "plans": 1, "late_minor": 5_725}
    case = Case.objects.create(consumer=plan.consumer, **told)
    made = Complaint.objects.create(case=case, consumer=plan.consumer, about="Broken", answer_by=at.date(), made_by="lea", made_at=at)
    live(at, 6)
    relay.drain()
    assert (Reminder.objects.count(), Message.objects.filter(kind__in=["payment_late", "late_reminder"]).count()) == (0, 0)
    made.answer, made.ended_by, made.ended_at = "Mended", "lea", at + 6 * DAY
    made.save(update_fields=["answer", "ended_by", "ended_at"])
    live(at, 7)
    assert Reminder.objects.count() == 1


def test_a_letter_is_written_anew_once_without_what_a_payment_is_under_way_for(plan, buy, merchant, at):
    other = captured(buy(merchant, 10_000, merchant_reference="R-2"), merchant, at)
    live(at, 6)
    relay.drain()
    Installment.objects.filter(plan=other, number=1).update(charge_id=other.pk, next_attempt_at=None)
    for _ in range(3):
        notifications.send_messages(at=at + 7 * DAY)
    found = list(Message.objects.filter(kind="late_reminder", channel="inbox").order_by("id"))
    assert [one.context["about"] for one in found[1:]] == [{plan.public_id: [1]}]
