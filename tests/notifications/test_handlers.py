"""Who is told what: events of real orders become messages."""

from datetime import timedelta

import pytest

from accounts.models import User
from checkout import events
from checkout import services as checkouts
from credit.events import LimitChanged
from merchants.events import MemberInvited
from merchants.models import Membership
from notifications import handlers
from notifications.letters import compose_briefs
from notifications.models import Message
from notifications.queries import count_unread, list_inbox
from notifications.services import mark_all_read, mark_read
from plans import events as plan_events
from tests.notifications.conftest import AT, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(buy, merchant):
    order = buy(merchant, 22_900)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=AT)
    return order


@pytest.fixture
def held(buy, merchant):
    return buy(merchant, 120_000)


def ids(order) -> dict[str, str]:
    return {"order": order.public_id, "merchant": order.merchant.public_id}


def of_plan(order) -> dict[str, str]:
    return {"plan": order.plan.public_id, "reference": order.public_id}


def told(**who) -> list[tuple[str, str]]:
    return sorted(Message.objects.filter(**who).values_list("kind", "channel"))


def test_an_authorized_order_tells_the_plan_by_mail_and_inbox(order, mailbox):
    event = events.OrderAuthorized(**ids(order), consumer=order.consumer.public_id, amount_minor=22_900, currency="USD")
    for _ in range(2):
        handlers.on_order_authorized(event, at=AT)
    assert told(consumer=order.consumer) == [("order_authorized", "email"), ("order_authorized", "inbox")]
    assert send() == 1
    mail = next(mail for mail in mailbox(order.consumer.email) if order.public_id in mail["text"])
    for words in ("Sunday, November 22: $57.25", "Sunday, January 3: $57.25", "Total: $229.00", f"/purchases/{order.public_id}"):
        assert words in mail["text"]


def test_a_held_order_tells_the_consumer_and_both_operators_what_happens(held, operators, mailbox):
    first, second = operators
    clerk = User.objects.create_user("clerk@kvart.example", "demo-password", is_staff=True)
    retired = User.objects.create_user("retired@kvart.example", is_staff=True, is_superuser=True, is_active=False)
    chief = User.objects.create_superuser("chief@kvart.example")
    handlers.on_order_held(events.OrderHeld(**ids(held), reason="order_limit"), at=AT)
    assert told(consumer=held.consumer) == [("order_held", "email"), ("order_held", "inbox")]
    assert {m.user for m in Message.objects.filter(kind="hold_opened")} == {first, second, chief}
    checkouts.prepare_hold(hold_id=held.hold.id, user=first, recommendation="approve", note="Known for years", at=AT)
    for at in (AT, AT, AT + timedelta(minutes=1)):
        handlers.on_hold_prepared(events.HoldPrepared(**ids(held)), at=at)
    assert told(user=second, kind="hold_prepared") == [("hold_prepared", "email")] * 2
    assert told(user=first, kind="hold_prepared") == []
    checkouts.approve_hold(hold_id=held.hold.id, user=second, seen=1, reason="Fine", at=AT)
    handlers.on_order_approved(events.OrderApproved(**ids(held), consumer=held.consumer.public_id), at=AT)
    authorized = events.OrderAuthorized(**ids(held), consumer=held.consumer.public_id, amount_minor=120_000, currency="USD")
    handlers.on_order_authorized(authorized, at=AT)
    assert {m.user for m in Message.objects.filter(kind="hold_decided")} == {first, second}
    assert told(consumer=held.consumer)[:2] == [("order_approved", "email"), ("order_approved", "inbox")]
    assert len(told(consumer=held.consumer)) == 4
    assert told(user=clerk) == told(user=retired) == []
    send()
    subjects = {mail["subject"] for mail in mailbox(second.email) if held.public_id in mail["text"]}
    assert subjects == {
        "Held order: $1,200.00 at Nordlys Lamps waits for two people",
        "Held order: $1,200.00 at Nordlys Lamps is ready for your decision",
        "Held order: $1,200.00 at Nordlys Lamps was approved",
    }


def test_a_rejected_order_tells_the_consumer_that_nothing_was_charged(held, operators, mailbox):
    first, second = operators
    checkouts.prepare_hold(hold_id=held.hold.id, user=first, recommendation="reject", note="Odd", at=AT)
    checkouts.reject_hold(hold_id=held.hold.id, user=second, seen=1, reason="A secret reason", at=AT)
    handlers.on_order_rejected(events.OrderRejected(**ids(held), consumer=held.consumer.public_id), at=AT)
    assert {m.user for m in Message.objects.filter(kind="hold_decided")} == {first, second}
    send()
    mail = next(mail for mail in mailbox(held.consumer.email) if held.public_id in mail["text"])
    assert mail["subject"] == "$1,200.00 at Nordlys Lamps: we could not approve your order"
    assert "Nothing was charged" in mail["text"]
    assert "secret" not in mail["text"] + mail["html"]


def test_a_review_that_decides_alone_tells_no_operator(held):
    handlers.on_order_approved(events.OrderApproved(**ids(held), consumer=held.consumer.public_id), at=AT)
    assert told(kind="hold_decided") == []
    assert told(consumer=held.consumer) == [("order_approved", "email"), ("order_approved", "inbox")]


def test_payments_are_told_with_their_amount(order):
    handlers.on_payment_upcoming(
        plan_events.PaymentUpcoming(**of_plan(order), number=2, due_date="2026-12-06", amount_minor=5_725, currency="USD"), at=AT
    )
    failed = {"installments": [2, 3], "charge": "chg_1", "failure": "insufficient_funds"}
    handlers.on_payment_failed(
        plan_events.PaymentFailed(**of_plan(order), **failed, action="retry", next_attempt_at="2026-12-07T12:00:00+00:00"), at=AT
    )
    handlers.on_installment_overdue(plan_events.InstallmentOverdue(**of_plan(order), number=2), at=AT)
    paid = {"installments": [2], "amount_minor": 5_725, "currency": "USD", "charge": "chg_2"}
    handlers.on_installments_paid(plan_events.InstallmentsPaid(**of_plan(order), **paid), at=AT)
    handlers.on_order_refunded(events.OrderRefunded(**ids(order), refund="ref_1", amount_minor=1_500), at=AT)
    handlers.on_plan_completed(plan_events.PlanCompleted(**of_plan(order)), at=AT)
    inbox = {(brief.kind, brief.heading, brief.text) for brief in compose_briefs(list_inbox(order.consumer))}
    assert inbox == {
        ("plan_completed", "Everything is paid", "You have paid all of your purchase at Nordlys Lamps. Thank you."),
        (
            "order_refunded",
            "Nordlys Lamps refunded $15.00",
            "Nordlys Lamps refunded $15.00 of your order. Your plan shows what changed.",
        ),
        ("payment_received", "Payment received", "We received $57.25 for Nordlys Lamps, payment 2 of 4. Thank you."),
        (
            "payment_late",
            "A payment is late",
            "$57.25 for Nordlys Lamps was due on Sunday, December 6 and is not paid yet. Please pay it now.",
        ),
        (
            "payment_failed",
            "A payment did not go through",
            "$114.50 for Nordlys Lamps was not paid; nothing was charged. We try again on Monday, December 7.",
        ),
        (
            "payment_upcoming",
            "A payment is coming up",
            "$57.25 for Nordlys Lamps is due on Sunday, December 6. We take it from your card automatically.",
        ),
    }
    loud = set(Message.objects.filter(channel="email").values_list("kind", flat=True))
    assert loud == {"plan_completed", "order_refunded", "payment_late", "payment_failed", "payment_upcoming"}


def test_a_new_limit_and_an_invitation_are_told(order, merchant):
    changed = LimitChanged(consumer=order.consumer.public_id, currency="USD", before_minor=60_000, after_minor=70_000)
    handlers.on_limit_changed(changed, at=AT)
    (brief,) = compose_briefs(list_inbox(order.consumer))
    assert (brief.text, brief.url) == ("You can now spend up to $700.00; it was $600.00.", "http://localhost:8000/limit")
    member = User.objects.create_user("new@shop.example")
    membership = Membership.objects.create(user=member, merchant=merchant, role="viewer", added_at=AT)
    handlers.on_member_invited(MemberInvited(merchant=merchant.public_id, membership=membership.pk), at=AT)
    assert told(user=member) == [("member_invited", "email")]
    membership.delete()
    handlers.on_member_invited(MemberInvited(merchant=merchant.public_id, membership=membership.pk), at=AT)


def test_an_inbox_is_its_owners_alone(order, held, person):
    handlers.on_order_refunded(events.OrderRefunded(**ids(order), refund="ref_1", amount_minor=1_500), at=AT)
    handlers.on_order_refunded(events.OrderRefunded(**ids(order), refund="ref_2", amount_minor=1_600), at=AT)
    owner, stranger = order.consumer, person()
    newest, oldest = list_inbox(owner)
    assert newest.pk > oldest.pk
    assert list_inbox(owner, limit=1) == [newest]
    assert list_inbox(owner, before=newest.pk) == [oldest]
    assert (count_unread(owner), count_unread(stranger), list_inbox(stranger)) == (2, 0, [])
    from core.errors import NotFound

    with pytest.raises(NotFound):
        mark_read(consumer=stranger, message_id=newest.pk, at=AT)
    assert mark_all_read(consumer=stranger, at=AT) == 0
    assert count_unread(owner) == 2
    mark_read(consumer=owner, message_id=newest.pk, at=AT)
    mark_read(consumer=owner, message_id=newest.pk, at=AT + timedelta(days=1))
    newest.refresh_from_db()
    assert (newest.read_at, count_unread(owner)) == (AT, 1)
    assert mark_all_read(consumer=owner, at=AT) == 1
    assert [brief.read for brief in compose_briefs(list_inbox(owner))] == [True, True]
