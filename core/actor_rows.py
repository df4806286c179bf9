"""Tells the database who acts, for the rows that the audit log's triggers write.

Each statement that writes carries the actor and its source (`core.acting`), unless its transaction knows both already. They are told in the
same message to the server, so that this costs no round trip, and hold until the transaction ends.
"""

from collections.abc import Callable
from typing import Any

from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from core.acting import who_acts
from core.prepared import WRITE

Execute = Callable[[str, Any, bool, dict[str, Any]], Any]
_TELL = "SET LOCAL bnpl.actor = %s; SET LOCAL bnpl.source = %s; "
_WRITES = ("INSERT ", "UPDATE ", "DELETE ", "WITH ", "WITH\n", f"EXECUTE {WRITE}".upper())


def tell_actor(execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Run a statement; one that writes begins by telling the actor where its transaction does not know it yet."""
    connection = context["connection"]
    session = connection.connection
    begins = str(sql).lstrip()[:14].upper()
    if session.get_transaction_status() == TRANSACTION_STATUS_IDLE or begins.startswith("ROLLBACK TO"):
        # A new transaction; or what was told since the savepoint is undone with it.
        connection.told_actor = None
    if begins.startswith(_WRITES) and connection.told_actor != (told := who_acts()):
        connection.told_actor = told if connection.in_atomic_block else None
        telling = context["cursor"].mogrify(_TELL, told).decode()
        sql = (telling if params is None else telling.replace("%", "%%")) + sql
    return execute(sql, params, many, context)


def tell_on(connection: Any, **_options: Any) -> None:
    """Have a connection tell the actor; for the signal of a new one."""
    connection.told_actor = None
    if tell_actor not in connection.execute_wrappers:
        connection.execute_wrappers.append(tell_actor)
