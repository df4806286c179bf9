"""Transactions and the few SQL idioms that the services share."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)

STREAM_ROWS = 1_000
"""How many rows of a stream are held at a time."""


@contextmanager
def unit() -> Iterator[None]:
    """Run one unit of work: all of it is committed, or nothing.

    The outermost unit is a real `atomic` block; a unit inside a unit joins it without a savepoint, so that
    services can call services at no cost. An error always ends the outermost unit.
    """
    database: Any = connections[DEFAULT_DB_ALIAS]
    depth: int = getattr(database, "unit_depth", 0)
    database.unit_depth = depth + 1
    try:
        if depth:
            yield
        else:
            with transaction.atomic():
                yield
    except BaseException:
        if depth:
            database.set_rollback(True)
        raise
    finally:
        database.unit_depth = depth


@contextmanager
def undone() -> Iterator[None]:
    """Run a block, and at its end roll back everything that its units wrote."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def snapshot() -> Iterator[None]:
    """Read one consistent snapshot of the whole database without writing; inside a transaction, read what that transaction sees."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        rows("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def rows(sql: str, params: Sequence[Any] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
    """Run one statement and return its rows (none for a statement without a result)."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall()) if cursor.description else []


def execute(sql: str, params: Sequence[Any] | dict[str, Any] = ()) -> int:
    """Run one statement and return how many rows it affected."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def wait_lock(name: str) -> None:
    """Take the advisory lock of a name until the transaction ends; wait while another holds it."""
    rows("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def wait_locks(names: Sequence[str]) -> None:
    """Take the advisory locks of names, in their order, until the transaction ends; wait while another holds one."""
    if names:
        rows("SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(%s::text[]) AS name", [list(names)])


def try_lock(name: str) -> bool:
    """Take the advisory lock of a name until the transaction ends; False if another holds it."""
    return bool(rows("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])[0][0])


def stream(sql: str, params: Sequence[Any] | dict[str, Any] = ()) -> Iterator[tuple[Any, ...]]:
    """Run one statement and yield its rows in batches, so that many rows take no more memory."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        while chunk := cursor.fetchmany(STREAM_ROWS):
            yield from chunk


def pages(found: QuerySet[Row], size: int) -> Iterator[list[Row]]:
    """Yield the objects of a query in the order of their keys: a page is in memory at a time, and no transaction is held."""
    found = found.order_by("id")
    page = list(found[:size])
    while page:
        yield page
        page = list(found.filter(pk__gt=page[-1].pk)[:size])
