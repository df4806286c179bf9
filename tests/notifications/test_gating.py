"""Messages about what is owed at the gate: what was queued before a payment, a death or a wish is not sent after it."""

from datetime import timedelta

import pytest

from checkout import services as checkouts
from collection import services as collection
from collection.models import Contact
from collection.queries import lock_contacts
from core.clock import wall
from core.db import unit
from notifications import services
from notifications.models import Message
from notifications.queries import claim_due
from notifications.services import gating, sending
from notifications.telling import order_context
from plans import services as plans
from plans.models import Installment, Plan
from tests.notifications.conftest import AT, send

pytestmark = pytest.mark.django_db
DUE = {"due_date": "2026-12-06", "amount_minor": 5_725}


@pytest.fixture
def order(buy, merchant, mailbox):
    """A purchase in four payments, captured."""
    made = buy(merchant, 22_900)
    checkouts.capture_order(order_id=made.id, merchant=merchant, amount_minor=None, actor="test", at=AT)
    Message.objects.filter(status="queued").update(next_at=wall() + timedelta(days=1))
    return made


def ask(order, kind="payment_late", number=2, subject="x"):
    """Queue a message that is about one payment."""
    context = order_context(order) | DUE | {"numbers": [number]}
    services.queue_for_consumer(consumer=order.consumer, kind=kind, subject=f"{subject}{number}", context=context, at=AT)


def mails():
    found = Message.objects.exclude(channel="inbox").filter(dedupe__contains=":x").order_by("id")
    return [(one.kind, one.status, one.error) for one in found]


def pay(order, *numbers):
    Installment.objects.filter(plan=order.plan_id, number__in=numbers).update(status="paid", paid_principal_minor=5_725)


def test_what_was_queued_before_a_death_is_dropped_even_a_notice(order):
    for kind in ("payment_late", "promise_made", "plan_given_up", "debt_placed", "debt_returned"):
        ask(order, kind)
    plans.stand_still(consumer_id=order.consumer_id, kind="deceased", actor="anna", at=AT)
    send()
    assert [(status, error) for _kind, status, error in mails()] == [("dropped", "collecting stands still for the person")] * 5
    ask(order, subject="xy")
    assert len(mails()) == 5


def test_who_stopped_mails_about_late_payments_still_gets_notices(order):
    ask(order)
    ask(order, "plan_given_up")
    collection.stop_contact(consumer_id=order.consumer_id, channel="email", actor="con_x", at=AT)
    send()
    assert [(kind, status) for kind, status, _error in mails()] == [("payment_late", "dropped"), ("plan_given_up", "sent")]


def test_what_is_promised_is_not_asked_for_and_its_letter_goes(order):
    Plan.objects.filter(pk=order.plan_id).update(promised_until=(AT + timedelta(days=3)).date())
    ask(order)
    ask(order, "promise_made")
    send()
    assert [(kind, status) for kind, status, _error in mails()] == [("payment_late", "dropped"), ("promise_made", "sent")]


def test_the_eighth_message_of_a_week_waits_in_the_queue_for_its_day(order):
    for number in range(8):
        ask(order, subject=f"x{number}")
    send()
    assert [status for _kind, status, _error in mails()] == ["sent"] * 7 + ["queued"]
    assert Message.objects.get(status="queued", dedupe__contains=":x7").not_before > AT + timedelta(days=6)
    assert Contact.objects.count() == 7


def test_a_payment_while_a_batch_is_sent_stops_the_messages_that_are_left(order, monkeypatch):
    monkeypatch.setattr(sending, "FEW", 1)
    for number in (2, 3, 4):
        ask(order, number=number)
    hand_over, sent = sending.send_mails, []

    def then_pay(messages, named):
        outcomes = hand_over(messages, named)
        if messages and not sent:
            sent.extend(messages)
            pay(order, 3, 4)
        return outcomes

    monkeypatch.setattr(sending, "send_mails", then_pay)
    send()
    assert [status for _kind, status, _error in mails()] == ["sent", "dropped", "dropped"]


def test_a_worker_that_is_killed_between_the_gate_and_the_record_counts_once_and_asks_again(order, monkeypatch):
    ask(order)

    def killed(messages, named):
        if messages:
            raise SystemExit
        return []

    with monkeypatch.context() as dying:
        dying.setattr(sending, "send_mails", killed)
        with pytest.raises(SystemExit):
            send()
    assert (Contact.objects.count(), mails()[0][1]) == (1, "queued")
    Message.objects.filter(dedupe__contains=":x").update(next_at=wall())
    pay(order, 2)
    send()
    assert (Contact.objects.count(), mails()[0][1]) == (1, "dropped")


def test_a_message_that_another_tells_of_is_dropped_unless_its_sending_began(order):
    ask(order, number=2)
    ask(order, number=3)
    claimed = [one for one in claim_due(at=AT, until=wall() + timedelta(minutes=1), limit=10) if one.channel == "email"]
    assert [one.goes for one in gating.gate(messages=claimed[:1], at=AT).values()] == [True]
    with unit():
        lock_contacts([order.consumer_id])
        assert gating.drop_untold(consumer_id=order.consumer_id, kinds=["payment_late"], but="-", at=AT) == 1
    assert gating.gate(messages=claimed[1:], at=AT) == {}
    assert [status for _kind, status, _error in mails()] == ["queued", "dropped"]


def test_who_paid_after_a_broken_promise_is_not_told_of_it(order):
    ask(order, "promise_broken")
    pay(order, 2)
    send()
    assert mails() == [("promise_broken", "dropped", "no longer true")]


def test_people_are_locked_before_their_messages_where_a_letter_is_written_anew(order, monkeypatch):
    ask(order)
    message = Message.objects.get(dedupe__contains=":x", channel="email")
    done = []
    for name in ("lock_contacts", "execute"):
        monkeypatch.setattr(sending, name, lambda *told, name=name: done.append((name, told[0])))
    monkeypatch.setattr(sending, "tell_anew", lambda **_told: None)
    sending._record([], [(message, "changed")], [], AT)
    assert [name for name, _told in done] == ["lock_contacts", "execute"]
    assert done[0][1] == {order.consumer_id}
