"""Statements that each session with the database prepares once, so that they are read and planned once.

For reads by key and combined writes (`core.writes`) of hot paths, whose best plan is the same for all values. The server's log shows such a
statement by its name.
"""

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from uuid import UUID
from weakref import WeakSet

from django.db import DEFAULT_DB_ALIAS, connections

WRITE = "write_"
"""How the names of statements that write begin: who acts is told before them (`core.actor_rows`)."""

_NAMED = re.compile(r"%\((\w+)\)s")


class Statement:
    """One statement under a name of its own, with `%s` for each value, or `%(name)s`, as for `core.db.rows`."""

    def __init__(self, name: str, sql: str) -> None:
        self._names = list(dict.fromkeys(_NAMED.findall(sql)))
        for number, one in enumerate(self._names, 1):
            sql = sql.replace(f"%({one})s", f"${number}")
        first, *parts = sql.split("%s")
        self._prepare = f"PREPARE {name} AS {first}" + "".join(f"${number}{part}" for number, part in enumerate(parts, 1))
        count = len(self._names) or len(parts)
        self._execute = f"EXECUTE {name}" + (f" ({', '.join(['%s'] * count)})" if count else "")
        self._sessions: WeakSet[Any] = WeakSet()

    def run(self, cursor: Any, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run it with a cursor of Django's and return its rows; a session that does not know it yet prepares it before."""
        session = cursor.db.connection
        if session not in self._sessions:
            with cursor.db.wrap_database_errors, session.cursor() as preparing:
                preparing.execute(self._prepare)
            self._sessions.add(session)
        cursor.execute(self._execute, sent(values))
        return fetched(cursor)

    def rows(self, *values: Any, **named: Any) -> list[tuple[Any, ...]]:
        """Run it and return its rows."""
        with open_cursor() as cursor:
            return self.run(cursor, [named[name] for name in self._names] if self._names else values)


def open_cursor() -> AbstractContextManager[Any]:
    """Return a cursor of Django's that stays open as long as its session: to open and close one for each statement takes longer.

    For statements whose rows are fetched at once. Where statements are logged, a cursor that does so is opened, and closed in the end.
    """
    database: Any = connections[DEFAULT_DB_ALIAS]
    if database.connection is None or database.queries_logged:
        return database.cursor()  # type: ignore[no-any-return]
    database.close_if_health_check_failed()
    kept = database.__dict__.get("kept_cursor")
    if kept is None or kept.cursor.connection is not database.connection:
        kept = database.kept_cursor = database.cursor()
    return nullcontext(kept)


def sent(values: Sequence[Any]) -> list[Any]:
    """Return values as the driver sends them soonest: a key as text, whose type the statement knows."""
    return [str(value) if type(value) is UUID else value for value in values]


def fetched(cursor: Any) -> list[tuple[Any, ...]]:
    """Return the rows of what a cursor of Django's ran.

    They are in this process already, so the driver's own cursor is asked: Django's would look out for errors of the database.
    """
    found: list[tuple[Any, ...]] = cursor.cursor.fetchall()
    return found
