"""Events that never arrived: the gateway's own list is read, and what it names is acted on once, whichever way comes first."""

from datetime import UTC, datetime, timedelta

import pytest

from checkout import services as checkouts
from collection import services as collection
from core import clock
from core.remote import sandbox
from payments import gateways
from payments import services as payments
from payments.errors import GatewayUnavailable
from payments.gateways.base import EventPage, Notice, Reports
from payments.models import Charge, Dispute, EventReading, GatewayEvent, MovementEvent, Payout, Refund
from payments.queries import READINGS_WAIT
from payments.services import readings
from plans import services as plans
from plans.models import Plan
from reports.books import check_books

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def silence(buy, chaos):
    """The gateway makes its events, and not one of them arrives; `buy` begins with a new sandbox, without chaos."""
    chaos(lose_events=True)


@pytest.fixture
def now():
    return clock.now()


@pytest.fixture
def sold(buy, merchant, now):
    """An order whose first payment was charged."""
    order = buy(merchant, 22_900, now)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=now)
    collection.run_due(at=now)
    return order


def control(door, **body):
    return sandbox().post(f"/control/{door}", body)


def charge_of(order):
    return Charge.objects.get(reference=order.plan.public_id, status="succeeded")


def wrong():
    return [line for check in check_books() for line in check.offenders]


def listed():
    """Everything that the gateway has in its list."""
    return gateways.connect("sandbox", Reports).report_events(since=datetime(2020, 1, 1, tzinfo=UTC)).events


def turns():
    return sorted(MovementEvent.objects.values_list("kind", "amount_minor"))


def test_a_dispute_is_found_in_one_run_from_its_beginning_to_its_end(sold, now):
    thing = control(f"charges/{charge_of(sold).public_id}/dispute")
    assert payments.read_events(at=now) > 0
    assert Plan.objects.get(id=sold.plan_id).stopped_at == now
    assert (Dispute.objects.get().gateway_ref, turns(), wrong()) == (thing["id"], [("fee", 1_500), ("reversed", 5_725)], [])
    control(f"disputes/{thing['id']}/close", outcome="won")
    assert payments.read_events(at=now + 5 * MINUTE) == 1
    assert (Dispute.objects.get().status, Plan.objects.get(id=sold.plan_id).stopped_at, wrong()) == ("won", None, [])


def test_a_payment_that_was_taken_back_is_found(sold, now):
    charge = charge_of(sold)
    control(f"charges/{charge.public_id}/fail", failure="insufficient_funds")
    payments.read_events(at=now)
    charge.refresh_from_db()
    assert (charge.status, ("reversed", 5_725) in turns(), wrong()) == ("reversed", True, [])


def test_a_refund_that_came_back_is_found(sold, merchant, now):
    checkouts.refund_order(order_id=sold.id, merchant=merchant, amount_minor=18_175, reason="", actor="test", at=now)
    payments.send_refunds(at=now)
    control(f"refunds/{Refund.objects.get().public_id}/fail", failure="unknown")
    payments.read_events(at=now)
    assert (Refund.objects.get().status, turns(), wrong()) == ("reversed", [("returned", Refund.objects.get().amount_minor)], [])


def test_a_payout_that_bounced_is_found(sold, now):
    from merchants import services as merchants

    merchants.settle_merchants(at=now + timedelta(days=3))
    payments.send_payouts(at=now + timedelta(days=3))
    payout = Payout.objects.get()
    assert payout.status == "succeeded"
    control(f"payouts/{payout.public_id}/fail", failure="account_closed")
    payments.read_events(at=now + timedelta(days=3))
    payout.refresh_from_db()
    assert (payout.status, turns(), wrong()) == ("reversed", [("bounced", payout.amount_minor)], [])


@pytest.mark.parametrize(("end", "status"), [("clear", "succeeded"), ("fail", "failed")])
def test_the_end_of_a_debit_is_found_and_what_is_claimed_back_later(sold, now, end, status):
    account = payments.add_account(consumer=sold.consumer, number="000123456789", currency="USD", at=now)
    plans.change_method(plan=Plan.objects.get(id=sold.plan_id), method=account, at=now)
    due = now + timedelta(days=15)
    assert collection.run_due(at=due) == 1
    debit = Charge.objects.get(payment_method=account)
    assert debit.status == "under_way"
    control(f"charges/{debit.public_id}/{end}", **({"failure": "account_closed"} if end == "fail" else {}))
    payments.read_events(at=due)
    debit.refresh_from_db()
    assert (debit.status, wrong()) == (status, [])
    if end == "clear":
        control(f"charges/{debit.public_id}/fail", failure="debit_disputed")
        payments.read_events(at=due + 5 * MINUTE)
        debit.refresh_from_db()
        assert (debit.status, wrong()) == ("reversed", [])


def test_an_event_that_comes_late_changes_nothing_more_and_neither_does_reading_again(sold, now):
    control(f"charges/{charge_of(sold).public_id}/dispute")
    done = payments.read_events(at=now)
    before = (done, turns(), GatewayEvent.objects.count(), Dispute.objects.get().turns)
    for event in listed():
        if event.notice.about != "other":
            assert payments.receive_event(gateway="sandbox", notice=event.notice, at=now) is False
    assert payments.read_events(at=now + 5 * MINUTE) == 0
    assert (done, turns(), GatewayEvent.objects.count(), Dispute.objects.get().turns) == before
    assert EventReading.objects.get().found == done


def test_what_arrived_is_not_acted_on_again(sold, now, monkeypatch):
    control(f"charges/{charge_of(sold).public_id}/dispute")
    for event in listed():
        payments.receive_event(gateway="sandbox", notice=event.notice, at=now)
    monkeypatch.setattr(readings, "receive_event", None)
    assert (payments.read_events(at=now), EventReading.objects.get().error) == (0, "")


@pytest.mark.django_db(transaction=True)
def test_reading_and_the_event_itself_at_the_same_moment_act_once(sold, now, at_once):
    control(f"charges/{charge_of(sold).public_id}/dispute")
    told = [event.notice for event in listed() if event.notice.about != "other"]

    def act(number):
        if number % 2:
            return payments.read_events(at=now)
        return [payments.receive_event(gateway="sandbox", notice=notice, at=now) for notice in told]

    results = at_once(4, act)
    assert not [one for one in results if isinstance(one, Exception)]
    assert (Dispute.objects.get().turns, turns(), wrong()) == (1, [("fee", 1_500), ("reversed", 5_725)], [])
    assert GatewayEvent.objects.count() == len(told)


@pytest.fixture
def one_a_page(monkeypatch):
    monkeypatch.setattr("payments.gateways.sandbox.REPORT_PAGE", 1)


def test_a_run_is_bounded_and_the_next_one_goes_on_where_it_ended(sold, now, one_a_page, monkeypatch):
    monkeypatch.setattr(readings, "MOST_PAGES", 1)
    control(f"charges/{charge_of(sold).public_id}/dispute")
    expected = sum(event.notice.about != "other" for event in listed_in_full())
    done, runs = payments.read_events(at=now), 1
    assert EventReading.objects.get().page != ""
    while EventReading.objects.get().page:
        done, runs = done + payments.read_events(at=now), runs + 1
        assert runs < 20
    assert (done, runs > 1, Dispute.objects.count()) == (expected, True, 1)
    reading = EventReading.objects.get()
    assert (reading.next_at, reading.newest, reading.held) == (now + readings.EVERY, None, None)


def listed_in_full():
    gateway, page, first = gateways.connect("sandbox", Reports), "", True
    while first or page:
        found = gateway.report_events(since=datetime(2020, 1, 1, tzinfo=UTC), page=page)
        yield from found.events
        first, page = False, found.page


def test_the_position_stays_where_the_gateway_does_not_answer(sold, now, chaos):
    control(f"charges/{charge_of(sold).public_id}/dispute")
    chaos(fail_rate=1, lose_events=True)
    assert payments.read_events(at=now) == 0
    reading = EventReading.objects.get()
    assert (reading.read_at, reading.error, reading.next_at) == (None, "GatewayUnavailable", now + readings.EVERY)
    chaos(lose_events=True)
    assert payments.read_events(at=now + MINUTE) == 0
    assert payments.read_events(at=now + readings.EVERY) > 0
    reading.refresh_from_db()
    assert (reading.error, Dispute.objects.count()) == ("", 1)


def test_an_event_that_cannot_be_acted_on_keeps_no_other_waiting_and_is_read_again(sold, now, monkeypatch):
    thing = control(f"charges/{charge_of(sold).public_id}/dispute")
    genuine = readings.receive_event

    def moody(*, gateway, notice, at):
        if notice.about == "charge":
            raise GatewayUnavailable("Not now.")
        return genuine(gateway=gateway, notice=notice, at=at)

    monkeypatch.setattr(readings, "receive_event", moody)
    assert payments.read_events(at=now) == 1
    assert Dispute.objects.get().gateway_ref == thing["id"]
    held = min(event.at for event in listed() if event.notice.about == "charge")
    assert EventReading.objects.get().read_until == held
    monkeypatch.setattr(readings, "receive_event", genuine)
    assert payments.read_events(at=now + readings.EVERY) == 1
    assert EventReading.objects.get().read_until == max(event.at for event in listed())


def test_an_event_that_can_never_be_acted_on_is_given_up_after_a_day(sold, now, monkeypatch):
    def never(**_given):
        raise GatewayUnavailable("Never.")

    monkeypatch.setattr(readings, "receive_event", never)
    assert (payments.read_events(at=now), EventReading.objects.get().read_until) == (0, min(event.at for event in listed()))
    monkeypatch.setattr(readings, "GIVEN_UP_AFTER", timedelta(0))
    assert payments.read_events(at=now + readings.EVERY) == 0
    assert EventReading.objects.get().read_until == max(event.at for event in listed())


def test_the_next_reading_begins_before_the_end_of_the_last_one(sold, now, settings, scripted_list):
    """What enters the list late, with a time that was read already, is found."""
    settings.EVENTS_OVERLAP_MINUTES = 15
    payments.read_events(at=now)
    reading = EventReading.objects.get()
    assert reading.since == reading.read_until - timedelta(minutes=15)
    assert payments.read_events(at=now + readings.EVERY) == 0
    assert scripted_list[1:] == [(reading.since, "")]
    assert timedelta(0) <= now - scripted_list[0][0] - readings.FIRST_WINDOW < MINUTE


@pytest.fixture
def scripted_list(monkeypatch):
    """What is asked of the gateway's list."""
    asked, gateway = [], gateways.connect("sandbox", Reports)
    genuine = gateway.report_events

    def report_events(*, since, page=""):
        asked.append((since, page))
        return genuine(since=since, page=page)

    monkeypatch.setattr(gateway, "report_events", report_events)
    return asked


def test_another_process_that_moved_on_is_not_set_back(sold, now, monkeypatch):
    gateway = gateways.connect("sandbox", Reports)

    def meanwhile(*, since, page=""):
        EventReading.objects.update(page="77")
        return EventPage(())

    monkeypatch.setattr(gateway, "report_events", meanwhile)
    assert payments.read_events(at=now) == 0
    assert (EventReading.objects.get().page, EventReading.objects.get().read_at) == ("77", None)


@pytest.mark.parametrize("days", [-400, 400])
def test_a_clock_that_was_moved_hides_nothing_of_a_gateway_whose_clock_was_not(sold, now, days):
    control(f"charges/{charge_of(sold).public_id}/dispute")
    assert payments.read_events(at=now + timedelta(days=days)) > 0
    assert Dispute.objects.count() == 1


def test_the_timer_has_work_at_first_and_then_every_few_minutes(db, now):
    from core.db import rows

    def waits(at):
        return rows(f"SELECT {READINGS_WAIT}", {"at": at})[0][0]

    assert waits(now) is True
    EventReading.objects.create(gateway="sandbox", read_until=now, since=now, next_at=now + 5 * MINUTE)
    assert (waits(now), waits(now + 5 * MINUTE)) == (False, True)


def test_an_event_of_nothing_of_ours_is_nothing(sold, now, monkeypatch):
    gateway = gateways.connect("sandbox", Reports)
    about = readings.EventPage((_event("evt_x", "charge", "chg_nobody", now), _event("evt_y", "dispute", "", now, ref="dp_404")))
    monkeypatch.setattr(gateway, "report_events", lambda **_: about)
    assert payments.read_events(at=now) == 2
    assert (GatewayEvent.objects.count(), MovementEvent.objects.count()) == (2, 0)


def _event(event_id, about, key, at, ref="x"):
    from payments.gateways.base import ReportedEvent

    return ReportedEvent(Notice(event_id, f"{about}.x", ref, about, key), at)
