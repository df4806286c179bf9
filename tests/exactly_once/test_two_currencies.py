"""One person at two shops of two currencies, and under two addresses: never above one limit."""

from datetime import date

import pytest

from accounts.models import Consumer
from checkout import services as checkouts
from checkout.models import Order
from core.errors import DomainError
from credit import queries
from credit.models import CreditLine
from reports.books import check_books
from reports.exposures import beyond_limits
from simulation.shopper import card_of, identify
from tests.cast import last_click
from tests.lines import give_line, set_limit
from tests.shops import open_shop

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ready(buy, at):
    """Give a function that brings a checkout at a shop to the last click."""

    def prepare(shop, amount: int, email: str):
        checkout = buy.open(shop, amount, at)
        consumer = identify(checkout=checkout, email=email, at=at)
        checkouts.decide(checkout_id=checkout.id, at=at)
        return checkout, consumer, card_of(consumer, "4242424242424242", at)

    return prepare


def same_limit_everywhere() -> None:
    """Give every line a limit worth 1,500 USD."""
    for currency, minor in (("USD", 150_000), ("DKK", 1_076_800)):
        for line in CreditLine.objects.filter(currency=currency):
            set_limit(line, minor)


@pytest.mark.parametrize("emails", [("anna+approve@people.example",), ("anna+approve@people.example", "anna2+approve@people.example")])
def test_eight_checkouts_in_two_currencies_stay_within_the_limit(ready, merchant, at, at_once, emails):
    """Four are for 400 USD and four for 1,435.50 DKK, which is 200 USD: 2,400 in all, of which 1,500 fit."""
    danish = open_shop("DK", at=at)
    shops = ((merchant, 40_000), (danish, 143_550))
    waiting = [ready(*shops[number % 2], emails[number // 2 % len(emails)]) for number in range(8)]
    # The sandbox's people of other e-mail addresses have other names.
    first = Consumer.objects.order_by("id").first()
    Consumer.objects.exclude(pk=first.pk).update(person=first)
    same_limit_everywhere()

    def click(number: int) -> Order:
        checkout, consumer, method = waiting[number]
        return last_click(checkout, Consumer.objects.get(pk=consumer.pk), "pay_in_4", method, at)

    results = at_once(8, click)
    refused = [result.code for result in results if isinstance(result, DomainError)]
    # More than five cards in a breath may be asked to wait.
    assert set(refused) - {"too_many_requests"} == {"credit.limit_exceeded"}
    assert Order.objects.count() == 8 - len(refused)
    assert 110_000 < queries.exposure(list(CreditLine.objects.all()), "USD", date(2026, 11, 22)) <= 150_000
    assert [line for check in check_books() for line in check.offenders] == []


def test_the_books_tell_who_owes_more_in_all_than_they_may(ready, merchant, at):
    """A line that is full in one currency, and one that was filled past the person's lock in another."""
    for shop, amount in ((merchant, 140_000), (open_shop("DK", at=at), 1_000)):
        checkout, consumer, method = ready(shop, amount, "anna+approve@people.example")
        if amount == 140_000:
            last_click(checkout, consumer, "pay_in_4", method, at)
            give_line(consumer=consumer, currency="DKK", limit_minor=150_000, at=at)
    assert list(beyond_limits()) == []
    CreditLine.objects.filter(currency="DKK").update(used_minor=150_000)
    assert list(beyond_limits()) == [f"consumer {consumer.public_id}: 154870 EUR in use in all currencies, limit 144386"]
