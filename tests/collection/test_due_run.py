"""The due run against the sandbox gateway: what is charged, when, with which card, and what follows from a refusal."""

from datetime import timedelta

import pytest

from checkout import services as checkouts
from collection import services as collection
from core.clock import day_begins
from core.errors import Conflict, NotFound
from core.models import OutboxEvent
from ledger.queries import balance
from payments import queries as methods
from payments import services as payments
from payments.models import Authorization, Charge, PaymentMethod
from plans.models import Installment, Plan
from tests.reported import report_charges

FAILS_LATER = {"funds": "4000000000009995", "stolen": "4000000000009979", "technical": "4000000000000119", "confirm": "4000002760003184"}


def captured(buy, merchant, at, amount=22_900, **how):
    order = buy(merchant, amount, **how)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    return order


def states(order):
    return [(row.number, row.status, row.attempts) for row in Installment.objects.filter(plan=order.plan_id).order_by("number")]


def told(name):
    return [event.payload for event in OutboxEvent.objects.filter(name=name).order_by("id")]


def gateway_charges(order):
    return [(c.amount_minor, c.status) for c in report_charges(reference=order.plan.public_id)]


def switch(order, number, at):
    """Give the consumer of an order another card, first in order, and move the plan to it."""
    from plans.services import change_method

    method = payments.add_card(consumer=order.consumer, number=number, at=at)
    change_method(plan=Plan.objects.get(id=order.plan_id), method=method, at=at)
    return method


@pytest.fixture
def events(monkeypatch):
    """Collect every event that is told, whether anybody hears it or not."""
    from core import outbox
    from payments.services import charges

    heard = []
    genuine = outbox.append_all

    def append_all(told, *, at):
        listed = list(told)
        heard.extend(listed)
        genuine(listed, at=at)

    for module in ("collection.services.failures", "plans.services.marks", "core.outbox", "plans.services.charges"):
        monkeypatch.setattr(f"{module}.append_all", append_all)
    assert charges.append is outbox.append
    return heard


def test_the_first_payment_draws_on_the_hold_and_nothing_else_is_due(buy, merchant, at):
    order = captured(buy, merchant, at)
    assert collection.run_due(at=at) == 1
    assert collection.run_due(at=at) == 0
    assert states(order) == [(1, "paid", 0), (2, "scheduled", 0), (3, "scheduled", 0), (4, "scheduled", 0)]
    charge = Charge.objects.get()
    assert (charge.status, charge.amount_minor, charge.reference) == ("succeeded", 5_725, order.plan.public_id)
    assert charge.authorization_id == order.authorization_id
    assert gateway_charges(order) == [(5_725, "succeeded")]
    held = Authorization.objects.get()
    assert held.used_at == at
    assert held.released_at == at
    assert balance(kind="cash", owner="sandbox", currency="USD") == 5_725
    assert balance(kind="receivable", owner=order.plan.public_id, currency="USD") == 17_175


def test_each_installment_is_charged_on_its_day_where_the_consumer_lives(buy, merchant, at):
    order = captured(buy, merchant, at)
    collection.run_due(at=at)
    # 6 December in Portland begins at 08:00 UTC.
    assert order.plan.time_zone == "America/Los_Angeles"
    assert collection.run_due(at=at.replace(month=12, day=6, hour=7, minute=59)) == 0
    assert collection.run_due(at=at.replace(month=12, day=6, hour=8, minute=0)) == 1
    assert [status for _, status, _ in states(order)] == ["paid", "paid", "scheduled", "scheduled"]


def test_a_run_that_is_a_month_late_charges_everything_once_and_completes_the_plan(buy, merchant, at):
    order = captured(buy, merchant, at)
    late = at + timedelta(days=75)
    assert collection.run_due(at=late) == 4
    assert collection.run_due(at=late) == 0
    assert collection.mark_overdue(at=late) == 0
    assert [status for _, status, _ in states(order)] == ["paid"] * 4
    assert Plan.objects.get(id=order.plan_id).status == "completed"
    assert gateway_charges(order) == [(5_725, "succeeded")] * 4
    assert balance(kind="receivable", owner=order.plan.public_id, currency="USD") == 0


def test_nothing_is_charged_before_the_capture(buy, merchant, at):
    order = buy(merchant, 22_900)
    assert collection.run_due(at=at + timedelta(days=20)) == 0
    assert gateway_charges(order) == []


def test_missing_funds_are_tried_again_after_one_three_and_five_days_then_on_pay_day(buy, merchant, at, events):
    order = captured(buy, merchant, at)
    collection.run_due(at=at)
    switch(order, FAILS_LATER["funds"], at)
    good = PaymentMethod.objects.get(shown__last4="4242")
    payments.remove_method(consumer=order.consumer, method=good, at=at)
    due = at + timedelta(days=14)
    tried = [hours / 24 for hours in range(0, 24 * 20, 6) if collection.run_due(at=due + timedelta(hours=hours))]
    # 6 December +0, +1, +1+3, +1+3+5, then the 25th at nine in Portland (17:00 UTC), and the 20th's own installment on its days.
    second = Installment.objects.get(plan=order.plan_id, number=2)
    assert tried[:4] == [0, 1, 4, 9]
    assert second.status == "scheduled"
    assert second.last_failure == "insufficient_funds"
    failed = [event for event in events if event.NAME == "plans.payment_failed"]
    assert failed[0].installments == [2]
    assert (failed[0].action, failed[0].failure) == ("retry", "insufficient_funds")
    assert failed[0].next_attempt_at == (due + timedelta(days=1)).isoformat()
    assert [e.next_attempt_at for e in failed if e.installments == [2]][3] == "2026-12-25T09:00:00-08:00"


def test_a_backup_card_is_tried_at_once_and_pays(buy, merchant, at):
    order = captured(buy, merchant, at)
    collection.run_due(at=at)
    switch(order, FAILS_LATER["funds"], at)
    due = at + timedelta(days=14)
    assert collection.run_due(at=due) == 1
    assert states(order)[1] == (2, "scheduled", 1)
    assert collection.run_due(at=due) == 1
    assert states(order)[1][1] == "paid"
    paid = Charge.objects.filter(status="succeeded").order_by("-id").first()
    assert paid.payment_method.last4 == "4242"
    assert collection.run_due(at=due) == 0


def test_a_stolen_card_is_charged_once_and_never_again_until_there_is_another(buy, merchant, at, events):
    order = captured(buy, merchant, at)
    collection.run_due(at=at)
    stolen = switch(order, FAILS_LATER["stolen"], at)
    payments.remove_method(consumer=order.consumer, method=PaymentMethod.objects.get(shown__last4="4242"), at=at)
    due = at + timedelta(days=14)
    assert collection.run_due(at=due) == 1
    stolen.refresh_from_db()
    assert stolen.blocked_at == due
    assert sum(collection.run_due(at=due + timedelta(days=day)) for day in range(60)) == 0
    assert [e.action for e in events if e.NAME == "plans.payment_failed"] == ["replace_method"]
    payments.add_card(consumer=order.consumer, number="5555555555554444", at=due)
    assert collection.run_due(at=due) == 1
    assert states(order)[1][1] == "paid"
    assert gateway_charges(order) == [(5_725, "succeeded"), (5_725, "failed"), (5_725, "succeeded")]


def test_a_card_that_needs_its_person_waits_for_the_link_and_pays_when_confirmed(buy, merchant, at, events, settings):
    import requests

    order = captured(buy, merchant, at)
    collection.run_due(at=at)
    switch(order, FAILS_LATER["confirm"], at)
    payments.remove_method(consumer=order.consumer, method=PaymentMethod.objects.get(shown__last4="4242"), at=at)
    due = at + timedelta(days=14)
    assert collection.run_due(at=due) == 1
    assert sum(collection.run_due(at=due + timedelta(days=day)) for day in range(13)) == 0
    (failed,) = [event for event in events if event.NAME == "plans.payment_failed"]
    assert (failed.action, failed.failure) == ("authenticate", "authentication_required")
    waiting = methods.find_waiting_action(order.plan.public_id)
    assert waiting.public_id == failed.charge
    assert waiting.action_url.startswith(f"{settings.SANDBOX_URL}/gateway/confirm/")
    page = requests.get(waiting.action_url, timeout=30).text
    assert "onfirm" in page
    assert payments.refresh_charge(charge_id=waiting.id, at=due).status == "failed"
    requests.post(waiting.action_url, data={"answer": "yes"}, timeout=30, allow_redirects=False)
    charge = payments.refresh_charge(charge_id=waiting.id, at=due)
    assert (charge.status, charge.failure, charge.action_url) == ("succeeded", "", "")
    assert states(order)[1][1] == "paid"
    assert charge.payment_method.blocked_at is None
    payments.refresh_charge(charge_id=waiting.id, at=due)
    assert balance(kind="cash", owner="sandbox", currency="USD") == 2 * 5_725


def test_what_stays_unpaid_is_late_the_day_after_and_told_once(buy, merchant, at, events):
    order = captured(buy, merchant, at)
    collection.run_due(at=at)
    switch(order, FAILS_LATER["funds"], at)
    payments.remove_method(consumer=order.consumer, method=PaymentMethod.objects.get(shown__last4="4242"), at=at)
    due = at + timedelta(days=14)
    collection.run_due(at=due)
    assert collection.mark_overdue(at=due) == 0
    assert collection.mark_overdue(at=due + timedelta(days=1)) == 1
    assert collection.mark_overdue(at=due + timedelta(days=1)) == 0
    assert states(order)[1][1] == "overdue"
    assert [(e.plan, e.reference, e.number) for e in events if e.NAME == "plans.installment_overdue"] == [
        (order.plan.public_id, order.public_id, 2)
    ]
    switch(order, "4242424242424242", due)
    assert collection.run_due(at=due + timedelta(days=2)) == 1
    assert states(order)[1][1] == "paid"


def test_people_are_reminded_once_three_days_before(buy, merchant, at, events):
    order = captured(buy, merchant, at)
    assert collection.remind_upcoming(at=at) == 0
    before = at + timedelta(days=11)
    assert collection.remind_upcoming(at=before) == 1
    assert collection.remind_upcoming(at=before + timedelta(days=1)) == 0
    (event,) = [event for event in events if event.NAME == "plans.payment_upcoming"]
    assert (event.number, event.due_date, event.amount_minor, event.currency) == (2, "2026-12-06", 5_725, "USD")
    assert event.reference == order.public_id
    late = at + timedelta(days=200)
    assert collection.remind_upcoming(at=late) == 0


def test_paying_early_takes_the_next_or_all_and_twice_is_refused(buy, merchant, at):
    order = captured(buy, merchant, at)
    collection.run_due(at=at)
    plan, method = Plan.objects.get(id=order.plan_id), order.consumer.payment_methods.get()
    early = {"consumer": order.consumer, "plan": plan, "method": method, "actor": order.consumer.public_id, "at": at}
    charge = collection.pay_now(scope="next", **early)
    assert (charge.status, charge.amount_minor, charge.on_session) == ("succeeded", 5_725, True)
    assert [status for _, status, _ in states(order)] == ["paid", "paid", "scheduled", "scheduled"]
    charge = collection.pay_now(scope="all", **early)
    assert (charge.status, charge.amount_minor) == ("succeeded", 11_450)
    assert Plan.objects.get(id=order.plan_id).status == "completed"
    with pytest.raises(Conflict) as error:
        collection.pay_now(scope="all", **early)
    assert error.value.code == "plans.nothing_to_pay"
    assert Charge.objects.count() == 3


def test_nobody_pays_for_somebody_else(buy, merchant, at):
    order = captured(buy, merchant, at)
    other = buy(merchant, 5_000, email="bo+approve@people.example").consumer
    plan, method = Plan.objects.get(id=order.plan_id), other.payment_methods.get()
    with pytest.raises(NotFound):
        collection.pay_now(consumer=other, plan=plan, method=method, scope="all", actor="test", at=at)
    with pytest.raises(NotFound):
        collection.pay_now(consumer=order.consumer, plan=plan, method=method, scope="all", actor="test", at=at)
    assert Charge.objects.count() == 0
    assert Installment.objects.filter(charge_id__isnull=False).count() == 0


def test_an_early_payment_that_is_refused_leaves_the_plan_as_it_was(buy, merchant, at, events):
    order = captured(buy, merchant, at)
    collection.run_due(at=at)
    bad = payments.add_card(consumer=order.consumer, number=FAILS_LATER["funds"], at=at)
    plan = Plan.objects.get(id=order.plan_id)
    charge = collection.pay_now(consumer=order.consumer, plan=plan, method=bad, scope="all", actor="test", at=at)
    assert (charge.status, charge.failure) == ("failed", "insufficient_funds")
    rows = list(Installment.objects.filter(plan=plan, number__gt=1))
    begins = [day_begins(row.due_date, order.plan.time_zone) for row in rows]
    assert [(row.status, row.charge_id, row.next_attempt_at) for row in rows] == [("scheduled", None, moment) for moment in begins]
    assert [e for e in events if e.NAME == "plans.payment_failed"] == []


def test_the_last_card_stays_while_something_is_to_be_paid(buy, merchant, at):
    order = captured(buy, merchant, at)
    only = order.consumer.payment_methods.get()
    with pytest.raises(Conflict) as error:
        collection.remove_card(consumer=order.consumer, method=only, at=at)
    assert error.value.code == "collection.last_method"
    only.refresh_from_db()
    assert only.removed_at is None
    payments.add_card(consumer=order.consumer, number="5555555555554444", at=at)
    collection.remove_card(consumer=order.consumer, method=only, at=at)
    only.refresh_from_db()
    assert only.removed_at == at


def test_a_refund_of_paid_money_goes_back_to_the_card_once(buy, merchant, at):
    order = captured(buy, merchant, at)
    collection.run_due(at=at)
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=22_900, reason="", actor="test", at=at)
    assert payments.send_refunds(at=at) == 1
    assert payments.send_refunds(at=at) == 0
    (reported,) = report_charges(reference=order.plan.public_id)
    assert (reported.amount_minor, reported.refunded_minor) == (5_725, 5_725)
    assert Charge.objects.get().refunded_minor == 5_725
    assert balance(kind="refunds_payable", owner=order.plan.public_id, currency="USD") == 0
    assert balance(kind="cash", owner="sandbox", currency="USD") == 0
