"""Queries that are compiled once find what the ORM finds, as the same objects."""

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Length
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from core.compiled import compiled, prepared
from core.db import unit
from core.models import Delivery, IdempotentAnswer, OutboxEvent
from core.prepared import open_cursor

pytestmark = pytest.mark.django_db(transaction=True)


@compiled
def deliveries(name: str, attempts: int) -> QuerySet[Delivery]:
    """Find deliveries with their events."""
    return Delivery.objects.select_related("event").filter(event__name=name, attempts=attempts, done_at=None).order_by("id")


@compiled
def events_with_delivery(name: str, attempts: int) -> QuerySet[OutboxEvent]:
    """Find events, and say whether they have a delivery of that many attempts."""
    tried = Delivery.objects.filter(event=OuterRef("pk"), attempts=attempts)
    return OutboxEvent.objects.annotate(is_tried=Exists(tried), longer=Length("name") + 1).filter(name=name).order_by("id")[:5]


@compiled
def lock_answer(key: str) -> QuerySet[IdempotentAnswer]:
    """Find an answer, locked."""
    return IdempotentAnswer.objects.filter(scope="s", key=key).select_for_update(of=("self",))


@prepared
def deliveries_prepared(name: str, attempts: int) -> QuerySet[Delivery]:
    """Find deliveries with their events."""
    return Delivery.objects.select_related("event").filter(event__name=name, attempts=attempts, done_at=None).order_by("id")


@prepared
def lock_answer_prepared(key: str) -> QuerySet[IdempotentAnswer]:
    """Find an answer, locked."""
    return IdempotentAnswer.objects.filter(scope="s", key=key).select_for_update(of=("self",))


@pytest.fixture
def stored(at):
    events = [OutboxEvent.objects.create(name=name, payload={"n": [name]}, at=at) for name in ("a", "b")]
    for event in events:
        for attempts in (0, 1, 1):
            Delivery.objects.create(event=event, handler=f"h{Delivery.objects.count()}", attempts=attempts, next_at=at)


def values(found: list[Delivery]) -> list[dict]:
    return [
        {**{key: value for key, value in row.__dict__.items() if key != "_state"}, "event": row.event.name, "payload": row.event.payload}
        for row in found
    ]


def test_it_finds_what_the_orm_finds(stored):
    for name, attempts in (("a", 1), ("b", 1), ("a", 0), ("b", 7), ("it's", 0)):
        assert values(deliveries(name, attempts)) == values(list(deliveries.queryset(name, attempts)))
    assert [len(deliveries("a", n)) for n in (0, 1, 2)] == [1, 2, 0]


def test_objects_are_stored_ones_with_their_relations(stored, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = deliveries("a", 1)
        assert [row.event.name for row in found] == ["a", "a"]
    found[0].attempts = 5
    found[0].save()
    assert len(deliveries("a", 1)) == 1


def test_what_is_computed_comes_with_the_objects(stored):
    for name, attempts in (("a", 1), ("a", 7), ("c", 1)):
        found, plain = events_with_delivery(name, attempts), events_with_delivery.queryset(name, attempts)
        assert [(row.pk, row.is_tried, row.longer) for row in found] == [(row.pk, row.is_tried, row.longer) for row in plain]
    assert [row.is_tried for row in events_with_delivery("a", 1)] == [True]


def test_first_is_the_first_or_none(stored):
    assert deliveries.first("a", 1) == Delivery.objects.filter(event__name="a", attempts=1).earliest("id")
    assert deliveries.first("c", 1) is None


def test_a_lock_is_asked_for_inside_a_transaction_only(at):
    IdempotentAnswer.objects.create(scope="s", key="k", fingerprint="f", status=200, body={}, created_at=at)
    with pytest.raises(TransactionManagementError):
        lock_answer("k")
    with unit(), CaptureQueriesContext(connection) as sent:
        assert lock_answer.first("k").status == 200
    assert "FOR UPDATE" in sent.captured_queries[-1]["sql"]
    with pytest.raises(TransactionManagementError):
        lock_answer("k")


def test_a_lock_holds(at, at_once):
    IdempotentAnswer.objects.create(scope="s", key="k", fingerprint="f", status=200, body={}, created_at=at)

    def look(_: int) -> list:
        with unit():
            return list(IdempotentAnswer.objects.select_for_update(skip_locked=True).all())

    with unit():
        lock_answer("k")
        assert at_once(1, look) == [[]]


def test_threads_share_the_query_and_nothing_else(stored, at_once):
    assert at_once(4, lambda n: len(deliveries("a", n % 2))) == [1, 2, 1, 2]


def test_a_session_prepares_a_query_once_and_finds_what_the_orm_finds(stored, at_once):
    with CaptureQueriesContext(connection) as sent:
        for name, attempts in (("a", 1), ("b", 1), ("a", 0), ("b", 7), ("it's", 0)) * 3:
            assert values(deliveries_prepared(name, attempts)) == values(list(deliveries.queryset(name, attempts)))
    names = [one["sql"].split("(")[0].strip() for one in sent.captured_queries if one["sql"].startswith("EXECUTE")]
    assert names == ["EXECUTE tests_core_test_compiled_deliveries_prepared"] * 15
    connection.close()
    assert len(deliveries_prepared("a", 1)) == 2
    assert [len(found) for found in at_once(3, lambda _: deliveries_prepared("b", 1))] == [2, 2, 2]


def test_what_was_prepared_outlives_a_transaction_that_fails(stored):
    with pytest.raises(ZeroDivisionError), unit():
        assert lock_answer_prepared("k") == []
        raise ZeroDivisionError
    with unit():
        assert lock_answer_prepared("k") == []
    with pytest.raises(TransactionManagementError):
        lock_answer_prepared("k")


def test_what_was_prepared_is_run_by_one_cursor_of_its_session(stored):
    with open_cursor() as first, open_cursor() as second:
        assert first is second
    session = connection.connection
    connection.close()
    with open_cursor() as other:
        assert other.cursor.connection is connection.connection is not session
    with CaptureQueriesContext(connection) as asked:
        assert deliveries_prepared("a", 1)
    assert len(asked) == 1
