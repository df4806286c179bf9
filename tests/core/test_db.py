"""Units of work: one commit or nothing, however deep they are nested; and the advisory locks."""

from contextlib import nullcontext

import pytest
from django.db import IntegrityError, connection, transaction

from core.db import execute, rows, try_lock, unit
from core.models import ClockOffset

pytestmark = pytest.mark.django_db(transaction=True)


def seconds() -> int:
    return int(ClockOffset.current().total_seconds())


def write(number: int) -> None:
    execute("INSERT INTO core_clockoffset VALUES (1, %s) ON CONFLICT (id) DO UPDATE SET seconds = excluded.seconds", [number])


def write_and_fail(*, in_a_unit: bool = False) -> float:
    with unit() if in_a_unit else nullcontext():
        write(5)
    return 1 / 0


def depth() -> int:
    return getattr(connection, "unit_depth", 0)


def test_a_unit_commits_at_its_end():
    with unit():
        write(5)
        assert connection.in_atomic_block
    assert (seconds(), connection.in_atomic_block, depth()) == (5, False, 0)


def test_an_error_undoes_the_whole_unit():
    with pytest.raises(ZeroDivisionError), unit():
        write_and_fail()
    assert (seconds(), depth()) == (0, 0)


def test_an_inner_unit_joins_the_outer_one():
    with pytest.raises(ZeroDivisionError), unit():
        write_and_fail(in_a_unit=True)
    assert seconds() == 0


def test_an_inner_error_ends_the_outermost_unit_even_where_it_is_caught():
    with unit():
        write(5)
        try:
            with unit(), unit():
                write(6)
                raise KeyError("caught below")
        except KeyError:
            pass
        with pytest.raises(transaction.TransactionManagementError):
            write(7)
    assert (seconds(), depth(), connection.in_atomic_block) == (0, 0, False)


def test_a_refusal_of_the_database_ends_it_too():
    with unit():
        write(5)
        with pytest.raises(IntegrityError), unit():
            write(-1)
    assert (seconds(), depth()) == (0, 0)


def test_inner_units_cost_no_statement(django_assert_num_queries):
    with unit(), django_assert_num_queries(1), unit(), unit():
        write(5)


def test_after_an_error_the_next_unit_works():
    with pytest.raises(KeyError), unit():
        raise KeyError("any")
    with unit():
        write(8)
    assert seconds() == 8


def test_units_of_threads_are_apart(at_once):
    def work(number: int) -> int:
        with unit():
            return depth()

    with unit(), unit():
        assert at_once(4, work) == [1, 1, 1, 1]
        assert depth() == 2


def test_rows_and_execute():
    assert rows("SELECT n, n * 2 FROM generate_series(1, 3) n") == [(1, 2), (2, 4), (3, 6)]
    assert rows("SET search_path = public") == []
    write(3)
    assert execute("UPDATE core_clockoffset SET seconds = 4") == 1
    assert execute("UPDATE core_clockoffset SET seconds = 4 WHERE id = 2") == 0


def test_a_named_lock_is_held_by_one_until_its_transaction_ends(at_once):
    def take(number: int) -> bool:
        with unit():
            return try_lock("tests:lock")

    with unit():
        assert try_lock("tests:lock")
        assert try_lock("tests:lock")
        assert at_once(1, take) == [False]
        assert at_once(1, lambda _: try_lock("tests:other")) == [True]
    assert at_once(1, take) == [True]
