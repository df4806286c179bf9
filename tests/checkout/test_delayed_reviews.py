"""A held order that nobody decides: it becomes more urgent, operators and the consumer hear it, and its end is told as it was."""

from datetime import timedelta

import pytest
from django.utils import translation

from checkout import services as checkouts
from checkout.models import OrderReview
from checkout.queries import is_delayed, reviews_urgent
from checkout.rules import urgency
from core import relay
from core.db import rows
from notifications.letters import compose_letter
from notifications.models import Message
from notifications.queries import load_named

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(buy, merchant):
    order = buy.finish(buy.open(merchant, 120_000), "hal+approve@people.example").order
    assert order.status == "pending_review"
    relay.drain()
    return order


def part(order, share: float):
    return order.created_at + (order.expires_at - order.created_at) * share


def told(kind: str) -> list[Message]:
    relay.drain()
    return list(Message.objects.filter(kind=kind).order_by("id"))


def waits(at) -> bool:
    return bool(rows(f"SELECT {reviews_urgent()}", {"at": at})[0][0])


def test_urgency_rises_at_half_and_at_four_fifths(held):
    steps = [(0.0, 0), (0.499, 0), (0.5, 1), (0.799, 1), (0.8, 2), (1.0, 2)]
    found = [urgency(created_at=held.created_at, expires_at=held.expires_at, at=part(held, share)) for share, _ in steps]
    assert found == [wanted for _, wanted in steps]


def test_operators_hear_each_step_once_and_the_consumer_the_first(held, operators):
    early, half, late = part(held, 0.49), part(held, 0.5), part(held, 0.8)
    assert (waits(early), checkouts.press_reviews(at=early)) == (False, 0)
    assert (waits(half), checkouts.press_reviews(at=half), checkouts.press_reviews(at=half), waits(half)) == (True, 1, 0, False)
    assert len(told("hold_delayed")) == 2
    assert {message.channel for message in told("order_takes_longer")} == {"inbox", "email"}
    assert is_delayed(held)
    assert (waits(late), checkouts.press_reviews(at=late), checkouts.press_reviews(at=late)) == (True, 1, 0)
    assert (len(told("hold_delayed")), len(told("order_takes_longer"))) == (4, 2)
    assert OrderReview.objects.get().urgency == 2


def test_a_timer_that_comes_late_tells_the_last_step_and_no_ended_order(held, operators):
    assert checkouts.press_reviews(at=part(held, 0.9)) == 1
    assert (OrderReview.objects.get().urgency, len(told("hold_delayed")), len(told("order_takes_longer"))) == (2, 2, 2)
    assert checkouts.press_reviews(at=held.expires_at) == 0


def test_nobody_hears_of_a_decided_order(held, operators):
    one, two = operators
    review = held.review
    checkouts.prepare_review(review_id=review.id, user=one, recommendation="approve", note="Known", at=held.created_at)
    checkouts.approve_review(review_id=review.id, user=two, seen=1, reason="Fine", at=held.created_at)
    assert checkouts.press_reviews(at=part(held, 0.9)) == 0
    assert told("hold_delayed") == told("order_takes_longer") == []


@pytest.mark.django_db(transaction=True)
def test_two_timers_at_once_tell_it_once(held, at_once):
    moment = part(held, 0.6)
    assert sorted(at_once(3, lambda _number: checkouts.press_reviews(at=moment))) == [0, 0, 1]
    assert len(told("order_takes_longer")) == 2


def test_its_end_without_a_decision_is_told_as_our_fault(held):
    assert checkouts.expire_orders(at=held.expires_at + timedelta(seconds=1)) == 1
    assert {message.channel for message in told("order_undecided")} == {"inbox", "email"}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Nothing was charged"),
        ("da", "Der er ikke trukket penge"),
        ("sv", "Inga pengar har dragits"),
        ("de", "Es wurde nichts abgebucht"),
    ],
)
def test_the_letters_say_in_four_languages_that_nothing_was_charged(held, language, said):
    checkouts.press_reviews(at=part(held, 0.5))
    relay.drain()
    checkouts.expire_orders(at=held.expires_at + timedelta(seconds=1))
    for kind in ("order_takes_longer", "order_undecided"):
        message = next(one for one in told(kind) if one.channel == "email")
        message.consumer.language = language
        with translation.override("en"):
            assert said in compose_letter(message, load_named([message])).text
