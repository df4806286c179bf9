"""A status changes by its transitions only, and is read again without getting in anybody's way."""

import threading

import pytest
from django_fsm import TransitionNotAllowed

from accounts.models import Consumer
from markets.models import Market

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def person(at):
    market = Market.objects.get(code="US")
    return Consumer.objects.create(market=market, locale="en_US", time_zone="UTC", email="a@b.example", email_hash="x", created_at=at)


def test_a_status_is_not_assigned(person):
    with pytest.raises(AttributeError, match="not allowed"):
        person.identity = "verified"
    person.verify_identity()
    with pytest.raises(TransitionNotAllowed):
        person.await_identity()
    assert (person.identity, Consumer.objects.get().identity) == ("verified", "unknown")


def test_all_is_read_again_with_one_query(person, django_assert_num_queries):
    Consumer.objects.update(identity="verified", locale="da_DK")
    _ = person.market
    with django_assert_num_queries(1):
        person.refresh_from_db()
        assert (person.identity, person.locale) == ("verified", "da_DK")
    assert not Consumer.market.is_cached(person)


def test_some_is_read_again(person, django_assert_num_queries):
    Consumer.objects.update(identity="verified", locale="da_DK")
    person.refresh_from_db(fields=["locale"])
    assert (person.identity, person.locale) == ("unknown", "da_DK")
    with django_assert_num_queries(1):
        person.refresh_from_db(fields=["identity"])
        assert person.identity == "verified"


def test_a_status_that_was_not_loaded_is_loaded_when_it_is_asked_for(person, django_assert_num_queries):
    found = Consumer.objects.defer("identity").get()
    with django_assert_num_queries(1):
        assert found.identity == "unknown"
    again = Consumer.objects.defer("identity").get()
    with django_assert_num_queries(1):
        again.refresh_from_db()
    assert again.get_deferred_fields() == {"identity"}


def test_a_row_that_is_gone_leaves_what_was_there(person):
    Consumer.objects.all().delete()
    with pytest.raises(Consumer.DoesNotExist):
        person.refresh_from_db()
    assert (person.identity, person.get_deferred_fields()) == ("unknown", set())


def test_eight_threads_read_again_and_the_protection_stays(person, at_once):
    stop = threading.Event()

    def work(number: int) -> object:
        own = Consumer.objects.get()
        if number == 7:
            try:
                for _ in range(3_000):
                    with pytest.raises(AttributeError):
                        own.identity = "verified"
            finally:
                stop.set()
            return None
        while not stop.is_set():
            own.refresh_from_db()
        return own.identity

    assert at_once(8, work) == ["unknown"] * 7 + [None]
