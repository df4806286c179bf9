"""What of a limit is in use: never above it, however many ask at once."""

import uuid

import pytest
from django.db import IntegrityError, transaction

from core.db import unit
from credit import queries, services
from credit.errors import LimitExceeded
from credit.models import CreditLine
from markets.queries import factors_to
from tests.lines import give_line


@pytest.fixture
def line(person, at):
    """Give a function that makes a line with a limit of its own."""

    def make(limit_minor=100_000, used_minor=0, currency="USD", consumer=None) -> CreditLine:
        return give_line(consumer=consumer or person(), currency=currency, limit_minor=limit_minor, used_minor=used_minor, at=at)

    return make


def used(line):
    line.refresh_from_db()
    return line.used_minor


def test_reserve_to_the_last_cent(line, at):
    mine = line(100_000)
    services.reserve(consumer_id=mine.consumer_id, currency="USD", amount_minor=60_000, at=at)
    with pytest.raises(LimitExceeded) as caught:
        services.reserve(consumer_id=mine.consumer_id, currency="USD", amount_minor=40_001, at=at)
    assert (caught.value.code, caught.value.status) == ("credit.limit_exceeded", 409)
    assert used(mine) == 60_000
    services.reserve(consumer_id=mine.consumer_id, currency="USD", amount_minor=40_000, at=at)
    assert used(mine) == 100_000


def test_no_line_no_credit(line, person, at):
    mine = line(currency="USD")
    for consumer_id, currency in ((mine.consumer_id, "EUR"), (person().pk, "USD"), (uuid.uuid4(), "USD")):
        with pytest.raises(LimitExceeded):
            services.reserve(consumer_id=consumer_id, currency=currency, amount_minor=1, at=at)
    assert used(mine) == 0


@pytest.mark.parametrize("amount", [0, -1])
def test_amounts_are_positive(line, at, amount):
    mine = line()
    with pytest.raises(ValueError, match="positive"):
        services.reserve(consumer_id=mine.consumer_id, currency="USD", amount_minor=amount, at=at)
    with pytest.raises(ValueError, match="positive"):
        services.release_many(amounts={(mine.consumer_id, "USD"): -1})
    assert used(mine) == 0


def test_release(line, at):
    mine = line(used_minor=70_000)
    services.release(consumer_id=mine.consumer_id, currency="USD", amount_minor=20_000, at=at)
    assert used(mine) == 50_000


def test_freeing_more_than_is_in_use_is_a_fault(line, at):
    mine = line(used_minor=10)
    with pytest.raises(IntegrityError), transaction.atomic():
        services.release(consumer_id=mine.consumer_id, currency="USD", amount_minor=11, at=at)
    with pytest.raises(RuntimeError):
        services.release(consumer_id=mine.consumer_id, currency="EUR", amount_minor=1, at=at)
    assert used(mine) == 10


def test_release_many_is_one_statement(line, django_assert_num_queries):
    lines = [line(used_minor=1_000 + number) for number in range(20)]
    other = line(used_minor=5, currency="EUR", consumer=lines[0].consumer)
    amounts = {(mine.consumer_id, "USD"): 1_000 for mine in lines[:-1]} | {(lines[-1].consumer_id, "USD"): 0}
    with unit(), django_assert_num_queries(1):
        services.release_many(amounts=amounts)
    assert [used(mine) for mine in lines] == [*range(19), 1_019]
    assert used(other) == 5
    with django_assert_num_queries(0):
        services.release_many(amounts={})


def test_reserve_is_one_statement(line, at, django_assert_num_queries):
    """Under the person's lock; by itself it takes that first. Rates are remembered."""
    mine = line()
    factors_to("USD", at.date())
    with unit(), django_assert_num_queries(2):
        services.reserve(consumer_id=mine.consumer_id, currency="USD", amount_minor=1, at=at)
    with unit(), django_assert_num_queries(1):
        services.reserve(consumer_id=mine.consumer_id, currency="USD", amount_minor=1, at=at, holder_id=mine.consumer_id)


def test_the_database_itself_refuses(line):
    mine = line(100)
    for wrong in (101, -1):
        with pytest.raises(IntegrityError), transaction.atomic():
            CreditLine.objects.filter(pk=mine.pk).update(used_minor=wrong)


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_never_exceed_the_limit(line, at, at_once):
    """Eight ask for 200 of 1,000 again and again; exactly five get it each time."""
    for _ in range(10):
        mine = line(1_000)

        def take(_number, mine=mine):
            with unit():
                services.reserve(consumer_id=mine.consumer_id, currency="USD", amount_minor=200, at=at)
                # A query more, as a checkout has, before the lock is given up.
                assert queries.lock_line(mine.consumer_id, "USD").used_minor <= 1_000

        results = at_once(8, take)
        assert sum(result is None for result in results) == 5
        assert sum(isinstance(result, LimitExceeded) for result in results) == 3
        assert used(mine) == 1_000


@pytest.mark.django_db(transaction=True)
def test_takers_and_givers_at_once_lose_nothing(line, at, at_once):
    """Four free amounts of the same ten lines in different orders while four take: no deadlock, and the sums are right."""
    lines = [line(100_000, 50_000) for _ in range(10)]

    def work(number):
        for turn in range(10):
            if number % 2:
                order = lines if number % 4 == 1 else lines[::-1]
                services.release_many(amounts={(mine.consumer_id, "USD"): 100 for mine in order})
            else:
                mine = lines[(number + turn) % 10]
                services.reserve(consumer_id=mine.consumer_id, currency="USD", amount_minor=7, at=at)

    assert at_once(8, work) == [None] * 8
    assert sum(used(mine) for mine in lines) == 10 * 50_000 - 4 * 10 * 10 * 100 + 4 * 10 * 7
