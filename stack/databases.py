"""The supervisor's own queries to databases, and the check that only the demo's own databases are emptied."""

import contextlib
from collections.abc import Iterator
from typing import Any

from stack.errors import StackError

MARK = "Made by manage.py demo: --reset may empty it."


@contextlib.contextmanager
def _cursor(url: str) -> Iterator[Any]:
    import psycopg2

    try:
        connection = psycopg2.connect(url, connect_timeout=10)
    except psycopg2.Error as error:
        raise StackError(f"The database does not answer at {url}:\n{error}") from None
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        yield cursor


def _tables(cursor: Any) -> int:
    cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    return int(cursor.fetchone()[0])


def applied_migrations(url: str) -> int:
    """Return the number of migrations recorded in the database; 0 for an empty one."""
    with _cursor(url) as cursor:
        cursor.execute("SELECT to_regclass('public.django_migrations')")
        if cursor.fetchone() == (None,):
            return 0
        cursor.execute("SELECT count(*) FROM django_migrations")
        return int(cursor.fetchone()[0])


def mark_if_empty(url: str) -> None:
    """Mark an empty database as the demo's own, so that a later `--reset` may empty it."""
    with _cursor(url) as cursor:
        if _tables(cursor) == 0:
            cursor.execute(f"COMMENT ON SCHEMA public IS '{MARK}'")


def empty(url: str) -> None:
    """Empty a database that the demo made; refuse any other."""
    with _cursor(url) as cursor:
        if _tables(cursor) == 0:
            return
        cursor.execute("SELECT obj_description('public'::regnamespace, 'pg_namespace')")
        if cursor.fetchone() != (MARK,):
            raise StackError("--reset does not empty the database of DATABASE_URL: the demo did not make its tables. Empty it yourself.")
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")


def names(url: str, pattern: str) -> list[str]:
    """Return the databases of a server whose names match an SQL pattern."""
    with _cursor(url) as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [pattern])
        return [name for (name,) in cursor.fetchall()]


def drop(url: str, name: str) -> None:
    """Drop a database of a server, if it exists."""
    with _cursor(url) as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def rename(url: str, old: str, new: str) -> None:
    """Rename a database of a server."""
    with _cursor(url) as cursor:
        cursor.execute(f'ALTER DATABASE "{old}" RENAME TO "{new}"')


def flush_redis(url: str) -> None:
    """Empty the Redis database that the address names."""
    import redis

    redis.Redis.from_url(url).flushdb()
