"""Orders that wait while their person is checked: nobody approves them, nobody learns why, and they go on or end with the check."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import ScreeningMatch
from accounts.screening.services import screen_due
from checkout import services as checkouts
from checkout.coarse import load_rejected
from checkout.errors import WrongState
from checkout.models import Order, OrderReview
from checkout.refusing import rejected_for
from checkout.texts import cause_text
from core import remote
from credit.reasons import sentences
from fraud.laundering.services import decide_match
from markets.models import MarketSetting
from markets.queries import SCREENING, screening_rows
from tests.approved import approve
from tests.cast import last_click
from tests.operators import make_operator

pytestmark = pytest.mark.django_db
WHY = "The birth date is another one."
LISTED = "ann+approve+listed@people.example"


@pytest.fixture
def officers(db):
    return [make_operator(f"{name}@kvart.example", name=name, may=["handle_laundering"]) for name in ("mona", "nils")]


@pytest.fixture
def screened(buy, merchant):
    """Let everybody be screened at each decision, from now on."""
    screening_rows.keep(list(MarketSetting.objects.filter(key=SCREENING)))
    for row in screening_rows():
        row.value = row.value | {"decision_days": 0}


@pytest.fixture
def held(screened, buy, merchant):
    def make(amount=20_000, email=LISTED, **draft) -> Order:
        return buy.finish(buy.open(merchant, amount, **draft), email).order

    return make


def decide_all(officers, at, outcome):
    for match in ScreeningMatch.objects.filter(status="open"):
        for officer in officers:
            decide_match(match_id=match.pk, outcome=outcome, reason=WHY, user=officer, at=at)


def now(order):
    return Order.objects.get(id=order.id), OrderReview.objects.get(order=order.id)


def test_an_order_waits_until_its_check_ends_clear_and_then_goes_on_by_itself(held, operators, officers, at):
    order = held(capture="automatic")
    assert order.status == "pending_review"
    assert [(cause["reason"], cause_text(cause)) for cause in order.review.causes] == [
        ("checks", "A check of the person has not ended yet")
    ]
    assert checkouts.end_checks(at=at) == 0
    one, two = operators
    checkouts.prepare_review(review_id=order.review.id, user=one, recommendation="approve", note="Known", at=at)
    with pytest.raises(WrongState) as refused:
        checkouts.approve_review(review_id=order.review.id, user=two, seen=1, reason="Fine", at=at)
    assert refused.value.code == "review.being_checked"
    decide_all(officers, at + timedelta(hours=1), "cleared")
    assert checkouts.end_checks(at=at + timedelta(hours=1)) == 1
    after, review = now(order)
    assert (after.status, review.status, review.checked, review.approved_by) == ("captured", "approved", "clear", None)
    assert checkouts.end_checks(at=at + timedelta(hours=1)) == 0


def test_an_order_of_somebody_on_a_list_ends_in_neutral_words(held, officers, at):
    order = held()
    decide_all(officers, at, "confirmed")
    assert checkouts.end_checks(at=at) == 1
    after, review = now(order)
    assert (after.status, review.status, review.checked) == ("rejected", "rejected", "stopped")
    assert sentences(rejected_for(review)) == [
        "We cannot approve new purchases on this account at the moment. Write to us to ask about it."
    ]
    assert load_rejected([after]) == {order.id: "other"}


def test_an_order_with_another_cause_still_waits_for_two_people(held, operators, officers, at):
    order = held(120_000)
    assert [cause["reason"] for cause in order.review.causes] == ["checks", "order_limit"]
    decide_all(officers, at, "cleared")
    assert checkouts.end_checks(at=at) == 1
    after, review = now(order)
    assert (after.status, review.status, review.reason, review.checked) == ("pending_review", "waiting", "order_limit", "clear")
    one, two = operators
    checkouts.prepare_review(review_id=review.id, user=one, recommendation="approve", note="Known", at=at)
    checkouts.approve_review(review_id=review.id, user=two, seen=1, reason="Fine", at=at)
    assert now(order)[0].status == "authorized"


def match_of(consumer, at):
    told = {"list_name": "EU consolidated", "provider": "lists", "screening": "scr_1", "fingerprint": "f" * 64, "told": {}}
    return ScreeningMatch.objects.create(consumer=consumer, kind="sanctions", raised_at=at, **told)


@pytest.mark.parametrize("outcome", ["cleared", "confirmed"])
def test_a_match_after_the_decision_holds_the_order_too(buy, merchant, officers, at, outcome):
    """The person was approved, and is found on a list before they agree."""
    checkout = buy.open(merchant, 20_000)
    consumer, method = approve(checkout, "bea+approve@people.example", at)
    match_of(consumer, at)
    order = last_click(checkout, consumer, "pay_in_4", method, at)
    assert (order.status, [cause["reason"] for cause in order.review.causes]) == ("pending_review", ["checks"])
    decide_all(officers, at + timedelta(minutes=1), outcome)
    assert checkouts.end_checks(at=at + timedelta(minutes=1)) == 1
    assert now(order)[0].status == ("authorized" if outcome == "cleared" else "rejected")


def test_an_order_that_was_authorized_before_is_not_approved_past_a_match(buy, merchant, operators, at):
    order = buy(merchant, 120_000)
    one, two = operators
    checkouts.prepare_review(review_id=order.review.id, user=one, recommendation="approve", note="Known", at=at)
    match_of(order.consumer, at)
    with pytest.raises(WrongState):
        checkouts.approve_review(review_id=order.review.id, user=two, seen=1, reason="Fine", at=at)
    assert now(order)[0].status == "pending_review"


def test_a_check_without_an_answer_ends_when_a_worker_has_one(screened, held, at):
    for row in screening_rows():
        row.value = row.value | {"late_days": 0, "days": 0}
    remote.sandbox().post("/control/chaos", {"target": "screening", "fail_rate": 1})
    order = held(email="cat+approve@people.example", capture="automatic")
    remote.sandbox().post("/control/chaos", {"target": "screening"})
    assert ([cause["reason"] for cause in order.review.causes], checkouts.end_checks(at=at)) == (["checks"], 0)
    assert screen_due(at=at + timedelta(minutes=1)) == 1
    assert checkouts.end_checks(at=at + timedelta(minutes=1)) == 1
    assert now(order)[0].status == "captured"


def test_the_database_lets_nobody_end_a_check_otherwise(held, operators, at):
    order = held()
    one, two = operators
    checkouts.prepare_review(review_id=order.review.id, user=one, recommendation="approve", note="Known", at=at)
    for change in (
        {"checked": "clear"},
        {"checked": "stopped", "status": "rejected"},
        {"status": "approved", "approved_by": two},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            OrderReview.objects.filter(order=order.id).update(**change)
    assert now(order)[1].status == "prepared"
