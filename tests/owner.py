"""Let a test act as the database's owner for a while: the product's own role may change neither tables nor history.

A test's session belongs to the owner and begins in the application's role (`stack.testing`); this module drops that role.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection


@contextmanager
def as_owner() -> Iterator[None]:
    """Act as the owner, in the test's own session and transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


@contextmanager
def unguarded() -> Iterator[None]:
    """Disable all triggers that guard history and states, which only the owner can do."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = DEFAULT")


def tamper(sql: str, params: Sequence[object] = ()) -> int:
    """Run a statement with these triggers disabled; return the number of rows it changed."""
    with unguarded(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        touched: int = cursor.rowcount
    return touched
