"""The last click is cut off at one moment after the other, and clicked again: one order, one hold on the card, the limit used once."""

import pytest

from checkout import services as checkouts
from checkout.models import Order
from core.remote import sandbox
from credit.models import CreditLine
from payments.models import Authorization
from plans.models import Plan
from reports.books import check_books
from simulation.shopper import card_of, identify
from tests.cast import last_click as agree
from tests.exactly_once.dying import count_moments, live_until

pytestmark = pytest.mark.django_db(transaction=True)
STEP = 2


@pytest.fixture
def last_click(buy, merchant, at):
    """Give a function that brings the next person to the last click, and returns the checkout and the click."""
    people = iter(range(100))

    def prepare():
        checkout = buy.open(merchant, 22_900, capture="automatic")
        consumer = identify(checkout=checkout, email=f"p{next(people)}+approve@people.example", at=at)
        checkouts.decide(checkout_id=checkout.id, at=at)
        method = card_of(consumer, "4242424242424242", at)

        def click() -> Order:
            return agree(checkout, consumer, "pay_in_4", method, at)

        return checkout, consumer, click

    return prepare


def test_cut_off_at_one_moment_after_the_other(last_click):
    total = count_moments(last_click()[2])
    assert total > 12
    for moment in range(1, total + 1, STEP):
        checkout, consumer, click = last_click()
        assert live_until(moment, click), f"moment {moment} of {total} was not reached"
        order = click()
        assert (order.status, order.captured_minor) == ("captured", 22_900), moment
        assert order.checkout_id == checkout.id
        assert (Order.objects.filter(consumer=consumer).count(), Plan.objects.filter(consumer=consumer).count()) == (1, 1)
        assert CreditLine.objects.get(consumer=consumer).used_minor == 22_900
        at_gateway = sandbox().get("/gateway/v1/authorizations", {"reference": checkout.public_id})["data"]
        assert [(row["amount"], row["status"]) for row in at_gateway] == [(5_725, "held")], moment
        assert list(Authorization.objects.filter(reference=checkout.public_id).values_list("status", "id")) == [
            ("succeeded", order.authorization_id)
        ]
    assert [line for check in check_books() for line in check.offenders] == []
