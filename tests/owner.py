"""How a test becomes the owner of the database for a while: the product's own role may change neither tables nor history.

A test's session belongs to the owner and begins in the role of the application (`stack.testing`); here it lays the role down.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection


@contextmanager
def as_owner() -> Iterator[None]:
    """Be the owner, in the test's own session and transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


@contextmanager
def unguarded() -> Iterator[None]:
    """Switch off all that guards history and states, as nobody but the owner can."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = DEFAULT")


def tamper(sql: str, params: Sequence[object] = ()) -> int:
    """Run a statement with all that guards history and states switched off; return how many rows it touched."""
    with unguarded(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        touched: int = cursor.rowcount
    return touched
