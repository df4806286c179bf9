"""What messages say: every kind, in every use, from real orders."""

import re

import pytest

from accounts.models import User
from checkout import services as checkouts
from merchants.queries import invitation_token
from merchants.services import invite_member
from notifications import rules
from notifications.letters import compose_briefs, compose_letter
from notifications.models import Message
from notifications.queries import load_named
from notifications.services import queue_for_consumer, queue_for_users
from notifications.telling import order_context
from tests.notifications.conftest import AT

pytestmark = pytest.mark.django_db


def context(order, **more):
    return order_context(order) | more


@pytest.fixture
def order(buy, merchant):
    return buy(merchant, 22_900)


@pytest.fixture
def captured(order):
    checkouts.capture_order(order_id=order.id, merchant=order.merchant, amount_minor=None, actor="test", at=AT)
    order.refresh_from_db()
    return order


@pytest.fixture
def held(buy, merchant):
    return buy(merchant, 120_000)


def letter_of(kind: str):
    # The e-mail, or what stands in the inbox alone.
    message = Message.objects.filter(kind=kind).select_related("consumer", "user").order_by("channel")[0]
    return compose_letter(message, load_named([message]))


def tell(order, kind: str, **more):
    queue_for_consumer(consumer=order.consumer, kind=kind, subject=order.public_id, context=context(order, **more), at=AT)


DUE = {"due_date": "2026-12-06", "numbers": [2], "amount_minor": 5_725}


@pytest.mark.parametrize(
    ("kind", "more", "subject", "text"),
    [
        (
            "order_authorized",
            {"schedule": True},
            "$229.00 at Nordlys Lamps: your 4 payments, the first when it ships",
            "Total: $229.00",
        ),
        ("order_held", {}, "$229.00 at Nordlys Lamps: we are looking at your order", "Nothing was charged, and you need to do nothing."),
        (
            "order_approved",
            {"schedule": True},
            "$229.00 at Nordlys Lamps is approved: the first payment is taken when it ships",
            "Sunday, December 6: $57.25",
        ),
        ("order_rejected", {}, "$229.00 at Nordlys Lamps: we could not approve your order", "Nothing was charged"),
        ("order_refunded", {"amount_minor": 1_500}, "Nordlys Lamps refunded $15.00", "$15.00 · Nordlys Lamps"),
        (
            "order_released",
            {"released_minor": 12_900},
            "Nordlys Lamps does not ship $129.00 of your order",
            "The $129.00 that did not ship is not charged",
        ),
        ("payment_upcoming", DUE, "$57.25 on Sunday, December 6: your payment to Nordlys Lamps", "payment 2 of 4"),
        (
            "payment_failed",
            {"numbers": [2], "amount_minor": 5_725, "action": "retry", "next_attempt_at": "2026-12-09T17:00:00+00:00"},
            "$57.25 for Nordlys Lamps was not paid: we try again on Wednesday, December 9",
            "Pay now: http",
        ),
        (
            "payment_failed",
            {"numbers": [2], "amount_minor": 5_725, "action": "authenticate", "next_attempt_at": ""},
            "$57.25 for Nordlys Lamps was not paid: confirm it with your bank",
            "Confirm the payment: http",
        ),
        (
            "payment_failed",
            {"numbers": [2], "amount_minor": 5_725, "action": "replace_method", "next_attempt_at": ""},
            "$57.25 for Nordlys Lamps was not paid: add another card",
            "Add another card and pay with it.",
        ),
        (
            "payment_upcoming",
            DUE | {"reward_minor": 75},
            "$57.25 on Sunday, December 6: your payment to Nordlys Lamps",
            "Pay today and get $0.75 back.",
        ),
        (
            "reward_earned",
            {"numbers": [2], "amount_minor": 75},
            "Nordlys Lamps: you get $0.75 back",
            "You paid early, or from your bank account.",
        ),
        (
            "payment_upcoming",
            DUE | {"credit_minor": 500},
            "$57.25 on Sunday, December 6: your payment to Nordlys Lamps",
            "Pay today and your next fee is $5.00 lower.",
        ),
        (
            "credit_earned",
            {"numbers": [2], "amount_minor": 500, "due_date": "2026-12-06"},
            "Your next fee is $5.00 lower",
            "This credit counts through Sunday, December 6",
        ),
        ("payment_late", DUE, "$57.25 for Nordlys Lamps was due on Sunday, December 6", "Pay $57.25: http"),
        (
            "payment_reversed",
            {"numbers": [2], "amount_minor": 5_725, "next_attempt_at": "2026-12-07T12:00:00+00:00", "failure": "insufficient_funds"},
            "Your bank took $57.25 for Nordlys Lamps back",
            "We try again on Monday, December 7.",
        ),
        (
            "payment_reversed",
            {"numbers": [2], "amount_minor": 5_725, "next_attempt_at": "", "failure": "disputed", "disputed": True},
            "Nordlys Lamps: your bank gave $57.25 back to you, and it is owed again",
            "We take nothing for this purchase for now.",
        ),
        (
            "payment_reversed",
            {"numbers": [2], "amount_minor": 5_725, "next_attempt_at": "", "failure": "entered_wrongly", "mistaken": True},
            "$57.25 for Nordlys Lamps was entered by mistake: it is owed as before",
            "Did you pay it? Write to us when, and from which bank",
        ),
        (
            "payment_reinstated",
            {"numbers": [2], "amount_minor": 5_725, "excess_minor": 1_000},
            "Nordlys Lamps: your payment of $57.25 counts after all",
            "$10.00 of it had been paid otherwise meanwhile",
        ),
        (
            "payment_arrived",
            {"amount_minor": 5_725, "kept_minor": 4_725, "excess_minor": 1_000},
            "Nordlys Lamps: your payment of $57.25 was taken after all",
            "$47.25 of it pays what was due. $10.00 of it is not due, and goes back to",
        ),
        (
            "refund_failed",
            {"amount_minor": 1_000},
            "Nordlys Lamps: $10.00 did not reach your card. Where shall we send it?",
            "Choose another card or a bank account",
        ),
        (
            "refund_failed",
            {"amount_minor": 1_000, "by_transfer": True},
            "Nordlys Lamps: $10.00 came back from your bank account. Where shall we send it?",
            "went to the bank account that you named, and its bank sent it back",
        ),
        (
            "payment_arrived",
            {"amount_minor": 5_725, "excess_minor": 5_725},
            "Nordlys Lamps: your payment of $57.25 was taken after all",
            "Nothing of it is due, so it goes back to",
        ),
        (
            "refund_arrived",
            {"amount_minor": 1_000, "by_transfer": True},
            "Nordlys Lamps: $10.00 went to your bank account",
            "went to the bank account that you named",
        ),
        (
            "plan_stopped",
            {"amount_minor": 17_175},
            "Nordlys Lamps: we take no payments while your bank looks into one",
            "we take nothing more for this purchase, and nothing of it becomes late",
        ),
        (
            "plan_resumed",
            DUE,
            "Nordlys Lamps: payments go on, $57.25 on Sunday, December 6",
            "The next is $57.25 on Sunday, December 6.",
        ),
        (
            "plan_given_up",
            {"amount_minor": 17_175},
            "Nordlys Lamps: we take no more payments by ourselves, and $171.75 is still owed",
            "You still owe $171.75, and no fee comes on top of it.",
        ),
        (
            "debt_placed",
            {**DUE, "agency": "Fair Agency", "contact": "+1 617 555 0100"},
            "Nordlys Lamps: Fair Agency will collect what you owe",
            "From Sunday, December 6, Fair Agency collects what is left of it, $57.25, for us.",
        ),
        ("debt_recalled", {"agency": "Fair Agency"}, "Nordlys Lamps: Fair Agency no longer collects what you owe", "Pay nothing to them"),
        (
            "debt_sold",
            {"amount_minor": 17_175, "buyer": "Harbor Debt LLC", "contact": "1 Pier Road, Boston, +1 617 555 0100"},
            "Nordlys Lamps: Harbor Debt LLC now owns what you owe",
            "Pay it to Harbor Debt LLC: 1 Pier Road, Boston, +1 617 555 0100",
        ),
        (
            "debt_returned",
            {"buyer": "Harbor Debt LLC"},
            "Nordlys Lamps: what you owe is with us again",
            "It is with us again: pay nothing more to them.",
        ),
        ("plan_completed", {}, "Nordlys Lamps: everything is paid", "Nothing is left to pay"),
        ("plan_completed", {"waiting_minor": 2_415}, "Nordlys Lamps: all that was shipped is paid", "$24.15 of your order has not shipped"),
    ],
)
def test_each_kind_says_its_amount_and_date(captured, kind, more, subject, text):
    tell(captured, kind, **more)
    letter = letter_of(kind)
    assert letter.subject == subject
    assert text in letter.text
    assert_well_made(letter)


def assert_well_made(letter) -> None:
    """No gap where a value is missing, no mark of a template, no exclamation mark, nothing empty; styles are inlined."""
    for words in (letter.subject, letter.text, letter.html):
        assert words.strip()
        for mark in ("{{", "{%", "{#", "None", "&amp;amp;", "&lt;"):
            assert mark not in words
        assert "!" not in words.replace("<!doctype html>", "").replace("<!DOCTYPE html>", "")
    assert "\n" not in letter.subject
    assert "\n\n\n" not in letter.text
    assert re.search(r"  +", letter.text) is None
    assert "<style" not in letter.html
    assert re.search(r'<h1 style="[^"]+">[^<]+</h1>', letter.html)
    assert "<p></p>" not in letter.html
    assert letter.html.count("<a ") >= 1


def tell_every_kind(captured, held, operator) -> list[Message]:
    """Queue one message of every kind, as it is told of a captured and of a held order; return them."""
    more = {**DUE, "schedule": True, "action": "retry", "next_attempt_at": "2026-12-09T17:00:00+00:00", "outcome": "approved"}
    more |= {"before_minor": 60_000, "after_minor": 70_000, "released_minor": 6_000, "settlement": "set_1"}
    more |= {"pause_days": 0, "payment_count": 12}
    more |= {"what": "soon", "channel": "email", "change": "ctc_1"}
    more |= {"letter": "clt_1", "title": "About your payments", "words": "Please call us about your payments."}
    more |= {"proposal": "prp_1", "proposal_key": "1", "proposal_kind": "merchants.terms", "place": "member"}
    more |= {
        "user": "1",
        "person": "Nina",
        "by": "Ada",
        "notice": "lrv_1",
        "agency": "Fair Agency",
        "buyer": "Harbor",
        "contact": "1 Pier Road",
        "decision": held.decision.public_id,
    }
    more |= {"sealed": 12, "anchor": f'{{"day": "2026-12-06", "number": 7, "link": "{"0b" * 32}", "sealed": 12}}'}
    staff = {
        "payout_arrived",
        "payout_bounced",
        "payout_resent",
        "shop_suspended",
        "shop_reopened",
        "change_proposed",
        "proposal_expired",
        "day_anchored",
        "password_changed",
    }
    for kind in rules.KINDS:
        about = held if kind.startswith("hold_") else captured
        if kind.startswith(("hold_", "operator_", "member_")) or kind in staff:
            queue_for_users(users=[operator], kind=kind, subject=about.public_id, context=context(about, **more), at=AT)
        else:
            tell(about, kind, **more)
    return list(Message.objects.filter(dedupe__contains=":").select_related("consumer", "user"))


def test_every_kind_can_be_written_in_every_use(captured, held, operators):
    checkouts.prepare_review(review_id=held.review.id, user=operators[0], recommendation="reject", note="Nobody answers.", at=AT)
    checkouts.reject_review(review_id=held.review.id, user=operators[1], seen=1, reason="Nobody answers.", at=AT)
    messages = tell_every_kind(captured, held, operators[0])
    assert {message.kind for message in messages} == set(rules.KINDS)
    facts = load_named(messages)
    for message in messages:
        assert_well_made(compose_letter(message, facts))
    for brief in compose_briefs(messages):
        assert brief.heading
        assert brief.text.endswith((".", "5"))
        assert brief.url.startswith("http://localhost:8000/")
        assert len(brief.text) < 160


def test_texts_are_escaped_in_html_and_only_there(captured):
    shop = captured.merchant
    shop.name = "Bed & Bath <b>"
    shop.save()
    tell(captured, "payment_upcoming", **DUE)
    letter = letter_of("payment_upcoming")
    assert letter.subject == "$57.25 on Sunday, December 6: your payment to Bed & Bath <b>"
    assert "Bed & Bath <b> · Sunday, December 6" in letter.text
    assert "Bed &amp; Bath &lt;b&gt;" in letter.html
    assert "<b> ·" not in letter.html


def test_amounts_and_dates_are_in_the_readers_local_form(person, captured):
    dane = person("DK")
    danish = context(captured, **DUE) | {"currency": "DKK"}
    queue_for_consumer(consumer=dane, kind="payment_upcoming", subject="x", context=danish, at=AT)
    assert letter_of("payment_upcoming").subject == "57,25 kr. on Sunday, 6 December: your payment to Nordlys Lamps"


def test_operators_read_what_is_held_and_why_and_who_said_what(held, operators):
    first, second = operators
    checkouts.prepare_review(review_id=held.review.id, user=first, recommendation="approve", note="Called her.", at=AT)
    checkouts.approve_review(review_id=held.review.id, user=second, seen=1, reason="Fine with me.", at=AT)
    for kind in ("hold_opened", "hold_prepared", "hold_decided"):
        queue_for_users(users=[first], kind=kind, subject="x", context=context(held, outcome="approved"), at=AT)
    opened, prepared, decided = (letter_of(kind) for kind in ("hold_opened", "hold_prepared", "hold_decided"))
    assert "Above the consumer's order limit" in opened.text
    assert f"{first} recommends to approve it: Called her." in prepared.text
    assert f"Approved by {second}: Fine with me." in decided.text
    assert f"/admin/checkout/orderreview/{held.review.pk}/change/" in decided.text


def test_whoever_is_invited_gets_the_same_letter_with_a_way_to_accept(merchant, db):
    User.objects.create_user("known@shop.example", "a-good-password", name="Kim Known")
    texts = []
    for email in ("new@shop.example", "known@shop.example"):
        invited = invite_member(merchant=merchant, email=email, role="viewer", actor="test", at=AT)
        context = {"merchant": merchant.public_id, "invitation": invited.public_id}
        queue_for_users(users=[invited.user], kind="member_invited", subject=invited.public_id, context=context, at=AT)
        message = Message.objects.select_related("user").get(kind="member_invited", user=invited.user)
        path = f"http://localhost:8000/merchant/invitations/{invited.public_id}/{invitation_token(invited)}"
        text = compose_letter(message, load_named([message])).text
        assert path in text
        texts.append(text.replace(path, ""))
    assert texts[0] == texts[1]
    assert "Kim" not in texts[1]


def test_any_number_of_messages_is_written_with_the_same_few_statements(captured, django_assert_max_num_queries):
    for number in range(12):
        queue_for_consumer(
            consumer=captured.consumer, kind="payment_upcoming", subject=str(number), context=context(captured, **DUE), at=AT
        )
        queue_for_consumer(
            consumer=captured.consumer, kind="order_approved", subject=str(number), context=context(captured, schedule=True), at=AT
        )
    messages = list(Message.objects.filter(channel="inbox").select_related("consumer", "user"))
    with django_assert_max_num_queries(3):
        assert len(compose_briefs(messages)) == 24


def test_what_a_message_keeps_holds_no_personal_data(captured):
    tell(captured, "payment_upcoming", **DUE)
    stored = " ".join(str(value) for value in Message.objects.filter(channel="email").values_list("context", "dedupe", "error").get())
    person = captured.consumer
    for secret in (person.email, person.name, person.email.partition("@")[0]):
        assert secret
        assert secret not in stored


def test_an_amount_that_ends_with_a_full_stop_ends_its_sentence(order):
    order.consumer.locale = "da_DK"
    order.consumer.save()
    tell(order, "order_canceled", currency="DKK", amount_minor=5_725)
    message = Message.objects.filter(kind="order_canceled").select_related("consumer").order_by("channel")[0]
    assert "canceled your order of 57,25 kr. Nothing was charged." in compose_briefs([message])[0].text
