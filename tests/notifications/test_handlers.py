"""Who is told what: events of real orders become messages."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings

from accounts.models import User
from checkout import events
from checkout import services as checkouts
from collection import services as collection
from core.db import rows
from core.ids import public_id
from core.models import OutboxEvent
from core.relay import drain
from credit.events import LimitChanged
from merchants.events import MemberInvited
from merchants.services import invite_member, withdraw_invitation
from notifications import handlers
from notifications.letters import Letter, compose_briefs, compose_letter
from notifications.models import Message
from notifications.queries import count_unread, list_inbox, load_named
from notifications.services import mark_all_read
from payments import services as payments
from payments.models import Charge, PaymentMethod
from plans import events as plan_events
from plans import services as plans
from plans.models import Installment
from tests.notifications.conftest import AT, send
from tests.operators import make_boss, make_operator, telling

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


CHARGE = public_id(Charge.PREFIX, UUID(int=2))
VISA = "Visa ···· 4242"


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
    for words in ("When it ships: $57.25", f"from {VISA}", "Sunday, January 3: $57.25", "Total: $229.00", f"/purchases/{order.public_id}"):
        assert words in mail["text"]


def test_a_held_order_tells_the_consumer_and_both_operators_what_happens(held, operators, mailbox):
    first, second = operators
    clerk = make_operator("clerk@kvart.example", "demo-password")
    retired = make_boss("retired@kvart.example", None)
    with telling(retired):
        User.objects.filter(pk=retired.pk).update(is_active=False)
    chief = make_boss("chief@kvart.example", None)
    handlers.on_order_held(events.OrderHeld(**ids(held), reason="order_limit"), at=AT)
    assert told(consumer=held.consumer) == [("order_held", "email"), ("order_held", "inbox")]
    assert {m.user for m in Message.objects.filter(kind="hold_opened")} == {first, second, chief}
    checkouts.prepare_review(review_id=held.review.id, user=first, recommendation="approve", note="Known for years", at=AT)
    for at in (AT, AT, AT + timedelta(minutes=1)):
        handlers.on_review_prepared(events.OrderReviewPrepared(**ids(held)), at=at)
    assert told(user=second, kind="hold_prepared") == [("hold_prepared", "email")] * 2
    assert told(user=first, kind="hold_prepared") == []
    checkouts.approve_review(review_id=held.review.id, user=second, seen=1, reason="Fine", at=AT)
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
    checkouts.prepare_review(review_id=held.review.id, user=first, recommendation="reject", note="Odd", at=AT)
    checkouts.reject_review(review_id=held.review.id, user=second, seen=1, reason="A secret reason", at=AT)
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


def test_a_failed_payment_that_another_one_has_made_meanwhile_is_not_told(order):
    Installment.objects.filter(plan=order.plan_id, number=2).update(status="paid", paid_principal_minor=5_725)
    failed = {"installments": [2], "charge": "chg_1", "failure": "insufficient_funds", "action": "retry"}
    handlers.on_payment_failed(plan_events.PaymentFailed(**of_plan(order), **failed, next_attempt_at="2026-12-07T12:00:00+00:00"), at=AT)
    assert told(kind="payment_failed") == []


def test_payments_are_told_with_their_amount(order):
    handlers.on_payment_upcoming(
        plan_events.PaymentUpcoming(**of_plan(order), number=2, due_date="2026-12-06", amount_minor=5_725, currency="USD"), at=AT
    )
    failed = {"installments": [2, 3], "charge": "chg_1", "failure": "insufficient_funds"}
    handlers.on_payment_failed(
        plan_events.PaymentFailed(**of_plan(order), **failed, action="retry", next_attempt_at="2026-12-07T12:00:00+00:00"), at=AT
    )
    Installment.objects.filter(plan=order.plan_id, number=1).update(status="paid", paid_principal_minor=5_725)
    handlers.on_installment_overdue(plan_events.InstallmentOverdue(**of_plan(order), number=2), at=AT + timedelta(days=15))
    paid = {"installments": [2], "amount_minor": 5_725, "currency": "USD", "charge": CHARGE}
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
            f"$57.25 for Nordlys Lamps is due on Sunday, December 6. We take it from {VISA} automatically.",
        ),
    }
    loud = set(Message.objects.filter(channel="email").values_list("kind", flat=True))
    assert loud == {"payment_received", "order_refunded", "payment_late", "payment_failed", "payment_upcoming"}


@pytest.mark.parametrize(
    ("disputed", "why"),
    [
        (True, "Your bank told us that you dispute a payment for Nordlys Lamps. We take nothing more until it has decided."),
        (False, "A person looks into your purchase at Nordlys Lamps. We take nothing more until then."),
    ],
)
def test_a_plan_that_stops_and_goes_on_is_told_with_the_next_payment(order, monkeypatch, disputed, why):
    monkeypatch.setattr("notifications.handlers.payments.is_disputed", lambda _plan: disputed)
    order.plan.installments.filter(number=1).update(status="paid", paid_principal_minor=5_725)
    order.plan.installments.filter(number=2).update(status="overdue")
    handlers.on_plan_stopped(plan_events.PlanStopped(**of_plan(order)), at=AT)
    for day in ("2026-12-20", "2026-12-06"):
        handlers.on_plan_resumed(plan_events.PlanResumed(**of_plan(order), first_day=day), at=AT + timedelta(days=int(day[-2:])))
    texts = [brief.text for brief in compose_briefs(list_inbox(order.consumer)) if brief.kind in {"plan_stopped", "plan_resumed"}]
    assert set(texts) == {
        "Payments for Nordlys Lamps go on: $114.50 is taken on Sunday, December 20.",
        "Payments for Nordlys Lamps go on: $57.25 is taken on Sunday, December 6.",
        why,
    }


def test_a_plan_that_is_paid_is_not_told_that_it_stops(order):
    order.plan.refresh_from_db()
    order.plan.installments.update(status="canceled", principal_minor=0)
    handlers.on_plan_stopped(plan_events.PlanStopped(**of_plan(order)), at=AT)
    handlers.on_plan_resumed(plan_events.PlanResumed(**of_plan(order), first_day="2026-12-06"), at=AT)
    assert not Message.objects.filter(kind__in=["plan_stopped", "plan_resumed"]).exists()


def test_a_new_limit_and_an_invitation_are_told(order, merchant):
    changed = LimitChanged(consumer=order.consumer.public_id, currency="USD", before_minor=60_000, after_minor=70_000)
    handlers.on_limit_changed(changed, at=AT)
    (brief,) = compose_briefs(list_inbox(order.consumer))
    assert (brief.text, brief.url) == ("You can now spend up to $700.00; it was $600.00.", "http://localhost:8000/limit")
    invitation = invite_member(merchant=merchant, email="new@shop.example", role="viewer", actor="test", at=AT)
    handlers.on_member_invited(MemberInvited(merchant=merchant.public_id, invitation=invitation.public_id), at=AT)
    assert told(user=invitation.user) == [("member_invited", "email")]
    taken_back = invite_member(merchant=merchant, email="other@shop.example", role="viewer", actor="test", at=AT)
    withdraw_invitation(invitation_id=taken_back.id, merchant=merchant, actor="test", at=AT)
    handlers.on_member_invited(MemberInvited(merchant=merchant.public_id, invitation=taken_back.public_id), at=AT)
    assert told(user=taken_back.user) == []


def test_an_inbox_is_its_owners_alone(order, held, person):
    handlers.on_order_refunded(events.OrderRefunded(**ids(order), refund="ref_1", amount_minor=1_500), at=AT)
    handlers.on_order_refunded(events.OrderRefunded(**ids(order), refund="ref_2", amount_minor=1_600), at=AT)
    owner, stranger = order.consumer, person()
    newest, oldest = list_inbox(owner)
    assert newest.pk > oldest.pk
    assert list_inbox(owner, limit=1) == [newest]
    assert list_inbox(owner, before=newest.pk) == [oldest]
    assert (count_unread(owner), count_unread(stranger), list_inbox(stranger)) == (2, 0, [])
    assert mark_all_read(consumer=stranger, at=AT) == 0
    assert count_unread(owner) == 2
    assert mark_all_read(consumer=owner, at=AT) == 2
    assert mark_all_read(consumer=owner, at=AT + timedelta(days=1)) == 0
    newest.refresh_from_db()
    assert (newest.read_at, count_unread(owner)) == (AT, 0)
    assert [brief.read for brief in compose_briefs(list_inbox(owner))] == [True, True]


def letters(order, kind: str) -> list[Letter]:
    found = Message.objects.filter(kind=kind, channel="email", consumer=order.consumer).select_related("consumer").order_by("id")
    return [compose_letter(message, load_named([message])) for message in found]


@pytest.mark.django_db(transaction=True)
def test_every_shipment_and_every_payment_is_told_once_with_card_and_what_is_left(buy, merchant):
    """The first payment is announced as it ships; then each payment that was taken is told."""
    order, day = buy(merchant, 22_900), timedelta(days=1)
    for number, amount in enumerate((10_000, 12_900)):
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=amount, actor="test", at=AT + number * day)
        drain()
    first, second = letters(order, "order_shipped")
    assert first.subject == "Nordlys Lamps shipped a part of your order: $25.00 is taken now"
    for words in (
        "$100.00",
        f"$25.00 now from {VISA}, as you agreed",
        "Now: $25.00",
        "Sunday, December 6: $25.00",
        "Total: $100.00",
        "$129.00 of your order",
    ):
        assert words in first.text, words
    for words in ("$129.00", "Now: $32.25", "Monday, December 7: $32.25", "Total: $129.00"):
        assert words in second.text, words
    assert "has not shipped" not in second.text
    assert letters(order, "payment_received") == []
    collection.charge_plan_now(plan_id=order.plan_id, at=AT + day)
    drain()
    drain()
    taken = letters(order, "payment_received")
    assert [letter.subject for letter in taken] == [
        "$25.00 received for Nordlys Lamps: $171.75 is left",
        "$32.25 received for Nordlys Lamps: $171.75 is left",
    ]
    assert f"We took $25.00 from {VISA}." in taken[0].text
    assert "the next payment is $25.00 on Sunday, December 6" in taken[0].text


def test_what_is_captured_with_the_order_is_not_called_shipped(buy, merchant):
    order = buy(merchant, 22_900, capture="automatic")
    captured = events.OrderCaptured(**ids(order), capture="cap_x", plan=order.plan.public_id, amount_minor=22_900)
    handlers.on_order_captured(captured, at=AT)
    assert told(kind="order_shipped") == []
    event = events.OrderAuthorized(**ids(order), consumer=order.consumer.public_id, amount_minor=22_900, currency="USD")
    handlers.on_order_authorized(event, at=AT)
    (letter,) = letters(order, "order_authorized")
    assert letter.subject == "$229.00 at Nordlys Lamps: your 4 payments, the first today"
    assert "Today: $57.25" in letter.text
    assert "ships" not in letter.text
    agreement = f"/purchases/{order.public_id}/documents/agreement.pdf"
    assert f"Download your agreement (PDF): {settings.BASE_URL}{agreement}" in letter.text
    assert f'href="{settings.BASE_URL}{agreement}"' in letter.html


@pytest.mark.django_db(transaction=True)
def test_an_order_that_the_shop_gives_up_is_told(buy, merchant):
    order = buy(merchant, 22_900)
    checkouts.void_order(order_id=order.id, merchant=merchant, actor="test", at=AT)
    drain()
    drain()
    (letter,) = letters(order, "order_canceled")
    assert letter.subject == "$229.00 at Nordlys Lamps: the shop canceled your order"
    assert "you pay nothing, and what was held for it is free again" in letter.text


@pytest.mark.django_db(transaction=True)
def test_a_payment_that_goes_through_after_it_had_failed_is_told(order):
    collection.charge_plan_now(plan_id=order.plan_id, at=AT)
    good = order.plan.payment_method
    plans.change_method(plan=order.plan, method=payments.add_card(consumer=order.consumer, number="4000000000009995", at=AT), at=AT)
    PaymentMethod.objects.filter(id=good.id).update(removed_at=AT)
    due = AT + timedelta(days=14)
    collection.run_due(at=due)
    drain()
    (failed,) = letters(order, "payment_failed")
    assert "There was not enough money on the card. Nothing was charged to Visa" in failed.text
    PaymentMethod.objects.filter(id=good.id).update(removed_at=None)
    collection.run_due(at=due + timedelta(days=1))
    drain()
    received = letters(order, "payment_received")[-1]
    assert "This time it went through. We took $57.25 from" in received.text
    assert "$114.50 is left; the next payment is $57.25 on Sunday, December 20." in received.text


def test_the_last_payment_says_that_everything_is_paid_and_a_refund_what_it_did(order):
    refund = checkouts.refund_order(
        order_id=order.id, merchant=order.merchant, amount_minor=1_500, reason="", capture_id="", dry_run=False, actor="test", at=AT
    ).refund
    handlers.on_order_refunded(events.OrderRefunded(**ids(order), refund=refund.public_id, amount_minor=1_500), at=AT)
    (letter,) = letters(order, "order_refunded")
    assert "$15.00 fell off your coming payments." in letter.text
    assert "A card shows" not in letter.text
    assert "$214.00 is left to pay." in letter.text
    Installment.objects.filter(plan=order.plan).update(status="canceled")
    paid = {"installments": [4], "amount_minor": 5_725, "currency": "USD", "charge": CHARGE}
    handlers.on_installments_paid(plan_events.InstallmentsPaid(**of_plan(order), **paid), at=AT)
    (letter,) = letters(order, "payment_received")
    assert letter.subject == "$57.25 received for Nordlys Lamps: everything is paid"
    assert "Your purchase at Nordlys Lamps is paid in full" in letter.text


def test_a_rest_that_does_not_ship_is_told_whether_it_was_released_or_expired(buy, merchant, mailbox):
    released, expired = buy(merchant, 22_900), buy(merchant, 5_000, email="other+approve@people.example")
    for order in (released, expired):
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=4_000, actor="test", at=AT)
    checkouts.release_order(order_id=released.id, merchant=merchant, actor="test", at=AT)
    for _ in range(2):
        handlers.on_order_released(events.OrderReleased(**ids(released), amount_minor=18_900), at=AT)
    later = AT + timedelta(days=29)
    assert checkouts.expire_orders(at=later) == 1
    handlers.on_order_expired(events.OrderExpired(**ids(expired)), at=later)
    for order, amount in ((released, "$189.00"), (expired, "$10.00")):
        assert told(consumer=order.consumer) == [("order_released", "email"), ("order_released", "inbox")]
        brief = compose_briefs(list_inbox(order.consumer))[0]
        assert (brief.heading, amount in brief.text) == ("Nordlys Lamps does not ship the rest", True)


def refund(order, amount_minor, at=AT):
    """Refund an order and tell its consumer, as the relay does."""
    made = checkouts.refund_order(
        order_id=order.id, merchant=order.merchant, amount_minor=amount_minor, reason="", capture_id="", dry_run=False, actor="test", at=at
    ).refund
    handlers.on_order_refunded(events.OrderRefunded(**ids(order), refund=made.public_id, amount_minor=amount_minor), at=at)
    return made


def captured_event(order, amount_minor: int) -> events.OrderCaptured:
    capture = order.captures.latest("id")
    return events.OrderCaptured(**ids(order), capture=capture.public_id, plan=order.plan.public_id, amount_minor=amount_minor)


def briefs(order) -> dict[str, tuple[str, str]]:
    return {brief.kind: (brief.heading, brief.text) for brief in compose_briefs(list_inbox(order.consumer))}


def test_a_shipment_that_was_refunded_meanwhile_is_told_as_it_was_shipped(order):
    """The handler may run, and the mail go out, when the plan stands otherwise already."""
    event = captured_event(order, 22_900)
    refund(order, 22_900)
    handlers.on_order_captured(event, at=AT)
    (letter,) = letters(order, "order_shipped")
    assert letter.subject == "Nordlys Lamps shipped your order: $57.25 is taken now"
    for words in ("Now: $57.25", "Sunday, December 6: $57.25", "Total: $229.00"):
        assert words in letter.text, words
    assert briefs(order)["order_shipped"][1] == f"Nordlys Lamps shipped your order of $229.00. $57.25 is taken now from {VISA}."


def test_nothing_that_was_told_changes_with_what_happens_later(order):
    handlers.on_order_captured(captured_event(order, 22_900), at=AT)
    paid = {"installments": [1], "amount_minor": 5_725, "currency": "USD", "charge": CHARGE}
    handlers.on_installments_paid(plan_events.InstallmentsPaid(**of_plan(order), **paid), at=AT)
    refund(order, 1_500)
    kinds = ("order_shipped", "payment_received", "order_refunded")
    before = [briefs(order), [letters(order, kind) for kind in kinds]]
    refund(order, 21_400)
    Installment.objects.filter(plan=order.plan).update(due_date=AT.date() + timedelta(days=90))
    PaymentMethod.objects.update(shown={"brand": "visa", "last4": "0002", "exp_month": 12, "exp_year": 2030})
    merchant = order.merchant
    merchant.name = "Another Name"
    merchant.save(update_fields=["name"])
    told_later = [letters(order, kind) for kind in kinds]
    assert told_later[:2] == before[1][:2]
    assert told_later[2][:1] == before[1][2]
    assert {kind: briefs(order)[kind] for kind in kinds[:2]} == {kind: before[0][kind] for kind in kinds[:2]}


def test_a_message_from_before_facts_were_kept_reads_as_it_did(order):
    handlers.on_payment_upcoming(
        plan_events.PaymentUpcoming(**of_plan(order), number=2, due_date="2026-12-06", amount_minor=5_725, currency="USD"), at=AT
    )
    kept = Message.objects.get(kind="payment_upcoming", channel="email")
    old = Message.objects.create(
        **{name: getattr(kept, name) for name in ("consumer", "channel", "kind", "context", "not_before", "next_at", "at")}, dedupe="old"
    )
    old.refresh_from_db()
    assert (old.facts, bool(kept.facts)) == ({}, True)
    assert compose_letter(old, load_named([old])).text == compose_letter(kept, load_named([kept])).text


def test_facts_are_typed_values_and_sealed(order):
    handlers.on_order_captured(captured_event(order, 22_900), at=AT)
    message = Message.objects.get(kind="order_shipped", channel="inbox")
    facts = message.facts
    assert (facts["merchant"], facts["card"], facts["first"]) == ("Nordlys Lamps", {"brand": "visa", "last4": "4242"}, "now")
    assert facts["total"] == {"minor": 22_900, "currency": "USD"}
    assert facts["payments"][1] == {"day": {"date": "2026-12-06"}, "amount": {"minor": 5_725, "currency": "USD"}}
    (stored,) = rows("SELECT facts FROM notifications_message WHERE id = %s", [message.id])[0]
    assert stored.startswith("v3:")
    assert "4242" not in stored


def test_a_part_is_a_part_of_the_order_and_a_whole_is_not(buy, merchant):
    whole, part = buy(merchant, 22_900), buy(merchant, 22_900)
    for order, amount in ((whole, 22_900), (part, 10_000)):
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=amount, actor="test", at=AT)
        handlers.on_order_captured(captured_event(order, amount), at=AT)
    texts = {brief.text for brief in compose_briefs(list_inbox(part.consumer))}
    assert texts == {
        f"Nordlys Lamps shipped your order of $229.00. $57.25 is taken now from {VISA}.",
        f"Nordlys Lamps shipped $100.00 of your order. $25.00 is taken now from {VISA}.",
    }


def test_a_first_payment_that_is_too_small_for_a_card_is_not_called_taken(buy, merchant):
    order = buy(merchant, 22_900)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=100, actor="test", at=AT)
    handlers.on_order_captured(captured_event(order, 100), at=AT)
    collection.charge_plan_now(plan_id=order.plan_id, at=AT)
    assert order.plan.installments.exclude(carried_at=None).count() == 1
    (letter,) = letters(order, "order_shipped")
    assert letter.subject == "Nordlys Lamps shipped a part of your order: the first payment is taken with the next one"
    assert (
        "The first payment of $0.25 is less than a card can be charged. We add it to the next payment, on Sunday, December 6."
        in letter.text
    )
    assert "With the next payment: $0.25" in letter.text
    assert "taken now" not in letter.text + letter.subject


def test_a_purchase_that_was_refunded_is_not_called_paid(order):
    refund(order, 22_900)
    told_event = OutboxEvent.objects.get(name="plans.plan_completed").payload
    handlers.on_plan_completed(plan_events.PlanCompleted.load(told_event), at=AT)
    assert briefs(order)["plan_completed"] == (
        "Your purchase was refunded",
        "Nordlys Lamps refunded all that it shipped. You owe nothing for it.",
    )


def test_a_refund_of_what_was_left_is_not_called_paid_by_its_consumer(order):
    collection.charge_plan_now(plan_id=order.plan_id, at=AT)
    refund(order, 17_175)
    told_event = OutboxEvent.objects.get(name="plans.plan_completed").payload
    handlers.on_plan_completed(plan_events.PlanCompleted.load(told_event), at=AT)
    heading, text = briefs(order)["plan_completed"]
    assert (heading, text) == ("Nothing is left to pay", "Nordlys Lamps refunded what was left. You owe nothing for what was shipped.")


def test_interest_that_a_refund_ends_is_told_with_the_totals_before_and_after(buy, merchant):
    order = buy(merchant, 60_000, product="monthly_6")
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=AT)
    order.refresh_from_db()
    total = sum(row.amount_minor for row in order.plan.installments.all())
    made = refund(order, 30_000)
    left = sum(row.amount_minor for row in order.plan.installments.all())
    saved = total - left - 30_000
    assert saved > 0
    assert made.outcome["interest_minor"] == saved
    (letter,) = letters(order, "order_refunded")
    assert f"${saved / 100:.2f} of interest fell away with it." in letter.text
    assert f"All payments of this purchase came to ${total / 100:.2f} before, and come to ${left / 100:.2f} now." in letter.text
