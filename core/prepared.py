"""Statements that each session with the database prepares once, so that they are read and planned once.

For reads by key on hot paths, whose best plan is the same for all values. The server's log shows such a statement by its name.
"""

from collections.abc import Sequence
from typing import Any
from weakref import WeakSet

from django.db import connection


class Statement:
    """One statement under a name of its own, with `%s` for each value, as for `core.db.rows`."""

    def __init__(self, name: str, sql: str) -> None:
        first, *parts = sql.split("%s")
        self._prepare = f"PREPARE {name} AS {first}" + "".join(f"${number}{part}" for number, part in enumerate(parts, 1))
        self._execute = f"EXECUTE {name}" + (f" ({', '.join(['%s'] * len(parts))})" if parts else "")
        self._sessions: WeakSet[Any] = WeakSet()

    def run(self, cursor: Any, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run it and return its rows; a session that does not know it yet prepares it before."""
        session = connection.connection
        if session not in self._sessions:
            with connection.wrap_database_errors, session.cursor() as preparing:
                preparing.execute(self._prepare)
            self._sessions.add(session)
        cursor.execute(self._execute, values)
        return list(cursor.fetchall())

    def rows(self, *values: Any) -> list[tuple[Any, ...]]:
        """Run it and return its rows."""
        with connection.cursor() as cursor:
            return self.run(cursor, values)
