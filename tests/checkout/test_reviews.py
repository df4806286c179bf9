"""Held orders: what the data source's review may answer, and that nobody decides alone, in the pages, the services or the database."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, InternalError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from checkout import services as checkouts
from checkout.errors import PreparedAnew, SamePerson
from checkout.models import Order, OrderReview
from checkout.rules import BasketRules, review_reasons
from core import remote
from core.db import execute
from core.money import Money
from credit import services as credit
from credit.models import Referral
from tests.operators import make_boss, make_operator, telling

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=10)
BASKET = BasketRules(held_categories=frozenset({"gift_card"}), max_quantity=9)


@pytest.fixture
def asked(monkeypatch):
    """The referrals that the data source is asked about from now on."""
    from credit.gateways.bureau_http import HttpBureau

    found: list[str] = []
    answer = HttpBureau.review

    def review(self, *, provider_ref: str) -> str:
        found.append(provider_ref)
        return answer(self, provider_ref=provider_ref)

    monkeypatch.setattr(HttpBureau, "review", review)
    return found


def held(buy, merchant, amount: int, persona: str, **draft) -> Order:
    order = buy.finish(buy.open(merchant, amount, **draft), f"hal{persona}@people.example").order
    assert order.status == "pending_review"
    return order


def bureau_answers(at) -> int:
    """Let five minutes pass at the bureau, and ask it."""
    remote.sandbox().post("/control/clock", {"forward_seconds": 300})
    return credit.poll_referrals(at=at + LATER)


@pytest.mark.parametrize("why", ["order_limit", "basket"])
def test_a_yes_of_the_bureau_leaves_an_order_held_that_something_else_holds_too(buy, merchant, operators, at, why):
    cards = [{"name": "Gift card", "quantity": 1, "unit_amount": 20_000, "amount": 20_000, "category": "gift_card"}]
    draft = {"items": cards} if why == "basket" else {}
    order = held(buy, merchant, 20_000 if why == "basket" else 120_000, "+approve+refer_approve_05", capture="automatic", **draft)
    assert [cause["reason"] for cause in order.review.causes] == ["referred", why]
    assert bureau_answers(at) == 1
    order, review = Order.objects.get(id=order.id), OrderReview.objects.get(order=order.id)
    assert (order.status, order.captured_minor, review.status) == ("pending_review", 0, "waiting")
    assert (review.reason, review.rule) == (why, review.causes[1]["rule"])
    assert (review.source_review, review.source_reviewed_at) == ("approve", at + LATER)
    one, two = operators
    checkouts.prepare_review(review_id=review.id, user=one, recommendation="approve", note="Known", at=at)
    checkouts.approve_review(review_id=review.id, user=two, seen=1, reason="Fine", at=at)
    assert Order.objects.get(id=order.id).status == "captured"


def test_a_no_of_the_bureau_ends_an_order_whatever_else_holds_it(buy, merchant, at):
    order = held(buy, merchant, 120_000, "+approve+refer_decline_05")
    assert bureau_answers(at) == 1
    order, review = Order.objects.get(id=order.id), OrderReview.objects.get(order=order.id)
    assert (order.status, review.status, review.source_review) == ("rejected", "rejected", "decline")


def test_the_bureau_answers_its_own_question_alone(buy, merchant, at):
    order = held(buy, merchant, 20_000, "+refer_approve_05")
    assert bureau_answers(at) == 1
    order, review = Order.objects.get(id=order.id), OrderReview.objects.get(order=order.id)
    assert (order.status, review.status, review.approved_by_id, review.prepared_by_id) == ("authorized", "approved", None, None)


def test_a_fraud_alert_is_no_question_of_the_bureau():
    facts = {"outcome": "refer", "amount": Money(200, "USD"), "order_limit_minor": 100, "items": [], "basket": BASKET}
    found = review_reasons(reasons=["fraud_alert", "manual_review"], **facts)
    assert [cause.reason for cause in found] == ["fraud_alert", "referred", "order_limit"]
    assert [cause.reason for cause in review_reasons(reasons=["fraud_alert"], **facts)] == ["fraud_alert", "order_limit"]


def test_what_takes_off_is_no_unusual_basket():
    facts = {"outcome": "approve", "reasons": [], "amount": Money(100, "USD"), "order_limit_minor": 100, "basket": BASKET}
    card = {"category": "gift_card", "quantity": 12, "amount": -5_000}
    assert review_reasons(items=[card], **facts) == []
    assert [cause.reason for cause in review_reasons(items=[card | {"amount": 5_000}], **facts)] == ["basket"]


@pytest.mark.parametrize("end", ["void", "expire", "reject"])
def test_nobody_asks_about_an_order_that_ended(buy, merchant, operators, at, asked, end):
    order = held(buy, merchant, 20_000, "+refer")
    at_last = at + timedelta(days=29)
    if end == "void":
        checkouts.void_order(order_id=order.id, merchant=merchant, actor="test", at=at_last)
    elif end == "expire":
        assert checkouts.expire_orders(at=at_last) == 1
    else:
        checkouts.prepare_review(review_id=order.review.id, user=operators[0], recommendation="reject", note="Odd", at=at)
        checkouts.reject_review(review_id=order.review.id, user=operators[1], seen=1, reason="Odd", at=at_last)
    assert Referral.objects.get().resolved_at == at_last
    assert (credit.poll_referrals(at=at_last + timedelta(days=9)), asked) == (0, [])


def test_a_refused_void_goes_on_asking(buy, merchant, stranger, at, asked):
    order = held(buy, merchant, 20_000, "+refer")
    with pytest.raises(Exception, match="no such order"):
        checkouts.void_order(order_id=order.id, merchant=stranger, actor="test", at=at)
    assert Referral.objects.get().resolved_at is None
    credit.poll_referrals(at=at + timedelta(days=1))
    assert len(asked) == 1


@pytest.mark.parametrize("end", ["expired by time", "closed by the shop", "canceled", "another amount"])
def test_nobody_asks_about_a_checkout_that_led_to_nothing(buy, merchant, at, asked, end):
    from simulation.shopper import identify

    checkout, at_last = buy.open(merchant, 20_000), at + timedelta(hours=1)
    identify(checkout=checkout, email="hal+refer@people.example", at=at)
    assert checkouts.decide(checkout_id=checkout.id, at=at).outcome == "refer"
    own = {"checkout_id": checkout.id, "at": at_last}
    match end:
        case "expired by time":
            at_last = at + timedelta(hours=49)
            checkouts.expire_checkouts(at=at_last)
        case "closed by the shop":
            checkouts.expire_checkout(**own, merchant=merchant)
        case "canceled":
            checkouts.cancel_checkout(**own)
        case _:
            line = {"name": "Lamp", "quantity": 1, "unit_amount": 10_000, "amount": 10_000}
            checkouts.update_checkout(**own, merchant=merchant, changes={"amount": 10_000, "items": [line]})
    assert Referral.objects.get().resolved_at == at_last
    assert (credit.poll_referrals(at=at_last + timedelta(days=9)), asked) == (0, [])


def test_a_preparation_that_was_not_seen_is_not_decided_on(buy, merchant, operators, at):
    review = held(buy, merchant, 120_000, "+approve").review
    one, two = operators
    checkouts.prepare_review(review_id=review.id, user=one, recommendation="approve", note="Known person", at=at)
    checkouts.prepare_review(review_id=review.id, user=one, recommendation="approve", note="Another note", at=at)
    for decide in (checkouts.approve_review, checkouts.reject_review):
        with pytest.raises(PreparedAnew):
            decide(review_id=review.id, user=two, seen=1, reason="Fine", at=at)
    review.refresh_from_db()
    assert (review.status, review.order.status, review.version) == ("prepared", "pending_review", 2)
    assert checkouts.approve_review(review_id=review.id, user=two, seen=2, reason="Fine", at=at).status == "approved"


def test_a_form_of_an_older_preparation_is_void(buy, merchant, operators, at, client):
    review = held(buy, merchant, 120_000, "+approve").review
    one, two = operators
    client.force_login(two)
    page, decide = (reverse(f"admin:checkout_orderreview_{name}", args=[review.id]) for name in ("change", "decide"))
    checkouts.prepare_review(review_id=review.id, user=one, recommendation="approve", note="Known person", at=at)
    assert 'name="seen" value="1"' in client.get(page).content.decode()
    told = {"decision": "approve", "reason": "Fine", "seen": "1"}
    assert "Approve this order" in client.post(decide, told).content.decode()
    checkouts.prepare_review(review_id=review.id, user=one, recommendation="reject", note="I was wrong", at=at)
    for sent in (told, told | {"confirmed": "1"}):
        answer = client.post(decide, sent, follow=True).content.decode()
        assert "prepared anew since you looked" in answer
        assert ("I was wrong" in answer, 'name="seen" value="2"' in answer) == (True, True)
    for missing in ({}, {"seen": ""}, {"seen": "x"}):
        client.post(decide, {"decision": "approve", "reason": "Fine", "confirmed": "1"} | missing)
    review.refresh_from_db()
    assert (review.status, review.order.status) == ("prepared", "pending_review")
    client.post(decide, told | {"seen": "2", "confirmed": "1"})
    review.refresh_from_db()
    assert (review.status, review.approved_by) == ("approved", two)


def test_a_hold_is_not_approved_without_a_second_person(buy, merchant, operators, at):
    review = held(buy, merchant, 120_000, "+approve").review
    one, two = operators
    checkouts.prepare_review(review_id=review.id, user=one, recommendation="approve", note="Known", at=at)
    review.refresh_from_db()
    for decide in (review.approve, review.reject):
        with pytest.raises(TypeError):
            decide()
        for nobody in (None, one, User(email="new@kvart.example", id=None), SimpleNamespace(pk=two.pk)):
            with pytest.raises(ValueError, match="did not prepare"):
                decide(nobody)
    for alone in (review.clear, review.refuse):
        with pytest.raises(ValueError, match=r"review|decline"):
            alone()
    review.refresh_from_db()
    assert review.status == "prepared"


STATEMENTS = {
    "approved by nobody": "UPDATE checkout_orderreview SET status = 'approved'",
    "rejected by nobody": "UPDATE checkout_orderreview SET status = 'rejected'",
    "approved by one alone": "UPDATE checkout_orderreview SET status = 'approved', approved_by_id = prepared_by_id",
    "approved without a preparation": "UPDATE checkout_orderreview SET status='approved', approved_by_id=%(two)s, prepared_by_id=NULL",
    "a review that nobody made": "UPDATE checkout_orderreview SET source_review = 'approve', status = 'approved', reason = 'referred'",
    "the order alone": "UPDATE checkout_order SET status = 'authorized'",
    "the order alone, captured": "UPDATE checkout_order SET status = 'captured'",
    "the order alone, rejected": "UPDATE checkout_order SET status = 'rejected'",
    "the review is gone": "DELETE FROM checkout_orderreview",
}


@pytest.mark.parametrize("sql", STATEMENTS.values(), ids=STATEMENTS)
@pytest.mark.parametrize("persona", ["+approve", "+approve+refer"])
def test_the_database_refuses_a_decision_of_fewer_than_two(buy, merchant, operators, at, sql, persona):
    review = held(buy, merchant, 120_000, persona).review
    checkouts.prepare_review(review_id=review.id, user=operators[0], recommendation="approve", note="Known", at=at)
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
        execute(sql, {"two": operators[1].id})
    review.refresh_from_db()
    assert (review.status, review.order.status) == ("prepared", "pending_review")


def test_what_was_decided_stays(buy, merchant, operators, at):
    review = held(buy, merchant, 120_000, "+approve").review
    checkouts.prepare_review(review_id=review.id, user=operators[0], recommendation="reject", note="Odd", at=at)
    checkouts.reject_review(review_id=review.id, user=operators[1], seen=1, reason="Odd", at=at)
    for sql in ("UPDATE checkout_orderreview SET decision_reason = 'Fine'", "UPDATE checkout_orderreview SET status = 'prepared'"):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            execute(sql)
    assert OrderReview.objects.get(id=review.id).decision_reason == "Odd"


def made(actor, user, at):
    """Note in the back office's log that an operator made another's account, or changed it."""
    kind = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(
        user=actor, content_type=kind, object_id=str(user.pk), object_repr=str(user), action_flag=ADDITION, action_time=at
    )


@pytest.mark.parametrize("how", ["the one who prepares", "the one who decides", "a third", "one that it made", "a chain"])
def test_an_account_of_ones_own_made_just_now_is_nobody_else(buy, merchant, operators, at, how):
    order = held(buy, merchant, 120_000, "+approve")
    one, two = operators
    third = make_operator("third@kvart.example", "demo-password", name="Tim")
    fourth = make_operator("fourth@kvart.example", "demo-password", name="Fay")
    pairs = {
        "the one who prepares": [(one, two)],
        "the one who decides": [(two, one)],
        "a third": [(third, one), (third, two)],
        "one that it made": [(one, third), (third, two)],
        "a chain": [(third, one), (third, fourth), (fourth, two)],
    }
    for actor, user in pairs[how]:
        made(actor, user, at - timedelta(days=6))
    checkouts.prepare_review(review_id=order.review.id, user=one, recommendation="approve", note="Known", at=at)
    for decide in (checkouts.approve_review, checkouts.reject_review):
        with pytest.raises(SamePerson):
            decide(review_id=order.review.id, user=two, seen=1, reason="Fine", at=at)
    order = Order.objects.get(id=order.id)
    assert (order.status, order.review.status) == ("pending_review", "prepared")
    checkouts.approve_review(review_id=order.review.id, user=two, seen=1, reason="Fine", at=at + timedelta(days=2))
    assert Order.objects.get(id=order.id).status == "authorized"


def test_one_operator_with_all_rights_makes_a_second_account_and_decides_nothing_with_it(buy, merchant, client):
    order = held(buy, merchant, 120_000, "+approve")
    boss = make_boss("boss@kvart.example", "demo-password", name="Ada Admin")
    client.force_login(boss)
    client.post(reverse("admin:accounts_user_add"), {"email": "second@kvart.example", "name": "Ada", "is_active": "on"})
    second = User.objects.get(email="second@kvart.example")
    with telling(second):
        second.is_staff = True
        second.save()
        second.user_permissions.add(*Permission.objects.filter(codename__in=("prepare_review", "decide_review")))
    prepare, decide = (reverse(f"admin:checkout_orderreview_{name}", args=[order.review.id]) for name in ("prepare", "decide"))
    mine = Client()
    mine.force_login(second)
    mine.post(prepare, {"recommendation": "approve", "note": "Known"})
    assert OrderReview.objects.get(order=order).status == "prepared"
    for _again in range(2):
        client.post(decide, {"decision": "approve", "seen": 1, "reason": "Fine", "confirmed": "1"})
    assert Order.objects.get(id=order.id).status == "pending_review"
