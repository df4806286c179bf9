"""Writes that leave together: the same rows as one by one, in one statement, all or nothing."""

from contextlib import nullcontext
from functools import partial

import pytest
from django.db import IntegrityError, connection

from core.acting import acting
from core.db import execute, rows, unit
from core.models import ClockOffset, Delivery, IdempotentAnswer, OutboxEvent
from core.outbox import append
from core.writes import afterwards, change, fresh_row, insert, together, update
from tests.api.counting import statements

pytestmark = pytest.mark.django_db(transaction=True)
ADD = "UPDATE core_clockoffset SET seconds = seconds + %s WHERE seconds < %s"


def answer(key: str, at) -> IdempotentAnswer:
    return IdempotentAnswer(scope="s", key=key, fingerprint="f", status=201, body={"a": [1, None, 'it\'s "%s"']}, created_at=at)


def write(at, counts: list[int]) -> None:
    insert(answer("one", at))
    insert(answer("two", at))
    change(ADD, [7, 10], then=counts.append)
    change(ADD, [1, 0], then=counts.append)


def seen() -> list:
    found = IdempotentAnswer.objects.order_by("key")
    answers = [(row.scope, row.key, row.fingerprint, row.status, row.body, row.created_at) for row in found]
    return [*answers, *ClockOffset.objects.values_list("id", "seconds")]


def test_together_writes_the_same_as_one_by_one(at):
    found = []
    ways = [(nullcontext, 4), (together, 1), *[(partial(together, prepared=True), 1)] * 2]
    for bundled, most in ways:
        counts: list[int] = []
        ClockOffset.objects.create(seconds=0)
        with unit(), statements() as sent, bundled():
            write(at, counts)
        found.append((seen(), counts))
        assert len(sent) == most
        IdempotentAnswer.objects.all().delete()
        ClockOffset.objects.all().delete()
    assert [found[0]] * 4 == found
    assert found[0][1] == [1, 0]


def test_who_acts_is_told_before_a_prepared_write(at):
    for who in ("operator-7", "operator-8"):
        with acting(who, "req_1"), unit(), statements() as sent:
            with together(prepared=True):
                insert(answer(who, at))
            assert rows("SELECT current_setting('bnpl.actor'), current_setting('bnpl.source')") == [(who, "req_1")]
        assert "EXECUTE write_" in sent[0]


def test_nothing_is_sent_before_the_end_and_nothing_after_an_error(at):
    with unit(), together():
        insert(answer("one", at))
        assert not IdempotentAnswer.objects.exists()
    assert IdempotentAnswer.objects.count() == 1
    with pytest.raises(KeyError), unit(), together():
        insert(answer("two", at))
        raise KeyError("any")
    insert(answer("three", at))
    assert list(IdempotentAnswer.objects.order_by("id").values_list("key", flat=True)) == ["one", "three"]


def test_who_is_told_a_number_may_refuse_and_undo_all(at):
    def refuse(count: int) -> None:
        raise LookupError(count)

    with pytest.raises(LookupError), unit(), together():
        insert(answer("one", at))
        change(ADD, [1, 1], then=refuse)
    assert not IdempotentAnswer.objects.exists()


def test_a_refusal_of_the_database_undoes_all(at):
    with pytest.raises(IntegrityError), unit(), together():
        insert(answer("one", at))
        insert(ClockOffset(id=2, seconds=0))
    assert not IdempotentAnswer.objects.exists()


@pytest.mark.parametrize("bundled", [False, True])
def test_update_writes_the_named_fields_only(at, bundled):
    row = answer("one", at)
    row.save()
    row.body, row.status = {"b": 2}, 500
    with unit():
        if bundled:
            with together():
                update(row, "body")
        else:
            update(row, "body")
    row.refresh_from_db()
    assert (row.body, row.status) == ({"b": 2}, 201)


def test_an_inserted_row_knows_that_it_is_stored():
    row = ClockOffset(seconds=3)
    with unit():
        with together():
            insert(row)
        row.seconds = 4
        row.save()
    assert ClockOffset.objects.get().seconds == 4


def test_together_inside_together_is_one_statement(at):
    with unit(), statements() as sent, together():
        insert(answer("one", at))
        with together():
            insert(answer("two", at))
    assert (len(sent), IdempotentAnswer.objects.count()) == (1, 2)


def test_nothing_waiting_sends_nothing():
    with unit(), statements() as sent, together():
        pass
    assert sent == []


def test_what_comes_afterwards_sees_what_was_written(at):
    counts = []
    with unit(), together():
        insert(answer("one", at))
        afterwards(lambda: counts.append(IdempotentAnswer.objects.count()))
        assert counts == []
    afterwards(lambda: counts.append(9))
    assert counts == [1, 9]


def test_events_leave_with_the_rest_and_handlers_of_now_see_it(at, ears):
    execute("LISTEN bnpl_outbox")
    with unit(), together():
        append(ears.Happened(number=1), at=at)
        append(ears.Happened(number=2), at=at)
        assert not OutboxEvent.objects.exists()
    connection.connection.poll()
    # One transaction wakes the relay once.
    assert len(connection.connection.notifies) == 1
    connection.connection.notifies.clear()
    execute("UNLISTEN bnpl_outbox")
    assert [event.payload["number"] for event in OutboxEvent.objects.order_by("id")] == [1, 2]


def test_threads_do_not_share_what_waits(at, at_once):
    def work(number: int) -> int:
        with unit(), together():
            insert(answer(f"k{number}", at))
        return IdempotentAnswer.objects.filter(key=f"k{number}").count()

    with unit(), together():
        insert(answer("mine", at))
        assert at_once(4, work) == [1, 1, 1, 1]
    assert IdempotentAnswer.objects.count() == 5


def test_a_fresh_row_is_what_the_model_makes(at):
    told = {"name": "a", "payload": {"n": 1}, "at": at}
    fresh, made = fresh_row(OutboxEvent, **told), OutboxEvent(**told)
    alike = [{name: value for name, value in one.__dict__.items() if name not in {"_state", "id"}} for one in (fresh, made)]
    assert (alike[0], fresh._state.adding, type(fresh.pk)) == (alike[1], True, type(made.pk))
    event = fresh_row(Delivery, event=fresh, handler="h", next_at=at)
    assert (event.event_id, event.event) == (fresh.pk, fresh)
