"""A merchant's events have numbers without gaps, whoever records them and whatever fails."""

import threading

import pytest
from django.db import connection

from core.db import unit
from tests.webhooks.conftest import AT, listen, record
from webhooks.models import Delivery, EventCounter, MerchantEvent
from webhooks.queries import describe_event, list_events


def sequences(shop) -> list[int]:
    return list(MerchantEvent.objects.filter(merchant=shop).order_by("sequence").values_list("sequence", flat=True))


def test_numbers_start_at_one_and_each_merchant_has_its_own(shop_at):
    one, other = shop_at(), shop_at()
    assert [record(one, f"a{n}").sequence for n in range(3)] == [1, 2, 3]
    assert record(other, "a0").sequence == 1
    assert sequences(one) == [1, 2, 3]


def test_the_same_source_is_recorded_once(shop):
    first = record(shop, "order.authorized:ord_1")
    assert record(shop, "order.authorized:ord_1") is None
    assert record(shop, "order.authorized:ord_2").sequence == 2
    assert (first.sequence, sequences(shop)) == (1, [1, 2])


def test_what_is_rolled_back_takes_no_number(shop):
    record(shop, "a")

    def fail() -> None:
        with unit():
            record(shop, "b")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert record(shop, "c").sequence == 2
    assert sequences(shop) == [1, 2]


def test_an_event_reads_as_the_contract_says(shop):
    event = record(shop, "a")
    assert describe_event(event) == {
        "id": event.public_id,
        "sequence": 1,
        "type": "order.authorized",
        "created_at": "2026-11-22T12:00:00.000Z",
        "data": {"order_id": "ord_1", "note": "Ærø"},
    }


def test_events_are_listed_after_a_number(shop_at):
    shop, other = shop_at(), shop_at()
    record(other, "x")
    for number in range(5):
        record(shop, f"a{number}")
    assert [event.sequence for event in list_events(shop)] == [1, 2, 3, 4, 5]
    assert [event.sequence for event in list_events(shop, after=2, limit=2)] == [3, 4]
    assert list_events(shop, after=5) == []


def test_each_active_endpoint_that_wants_an_event_gets_a_delivery(shop, receiver):
    every, some, none = (
        listen(shop, receiver),
        listen(shop, receiver, "order.authorized", "order.voided"),
        listen(shop, receiver, "order.voided"),
    )
    event = record(shop, "a")
    assert set(Delivery.objects.filter(event=event).values_list("endpoint_id", flat=True)) == {every.pk, some.pk}
    assert not Delivery.objects.filter(endpoint=none).exists()


def test_recording_takes_the_same_few_statements_for_any_number_of_endpoints(shop, receiver, django_assert_num_queries):
    listen(shop, receiver)
    with django_assert_num_queries(6):  # savepoint, counter, number and event, endpoints, deliveries, release
        record(shop, "a")
    listen(shop, receiver)
    listen(shop, receiver)
    with django_assert_num_queries(6):
        record(shop, "b")


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gaps_under_eight_threads_that_also_fail_and_repeat(shop_at):
    shop = shop_at()
    start, errors = threading.Barrier(8), []

    def work(thread: int) -> None:
        start.wait()
        try:
            for number in range(25):
                try:
                    with unit():
                        record(shop, f"{thread}:{number}")
                        record(shop, f"shared:{number}")
                        if number % 5 == 4:
                            raise ZeroDivisionError
                except ZeroDivisionError:
                    pass
        except Exception as error:  # noqa: BLE001  (whatever it is, the test looks at it)
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    # 20 of each thread's own, and 20 that only the first of the eight could record.
    assert sequences(shop) == list(range(1, 8 * 20 + 20 + 1))
    assert EventCounter.objects.get(merchant=shop).last == 180


@pytest.mark.django_db(transaction=True)
def test_a_reader_never_sees_a_number_before_those_below_it(shop_at):
    shop = shop_at()
    done, gaps = threading.Event(), []

    def read() -> None:
        while not done.is_set():
            seen = [event.sequence for event in list_events(shop, limit=1000)]
            if seen != list(range(1, len(seen) + 1)):
                gaps.append(seen)
        connection.close()

    def write(thread: int) -> None:
        for number in range(20):
            record(shop, f"{thread}:{number}")
        connection.close()

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=[number]) for number in range(4)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    assert gaps == []
    assert len(sequences(shop)) == 80
    assert MerchantEvent.objects.filter(merchant=shop).latest("sequence").created_at == AT
