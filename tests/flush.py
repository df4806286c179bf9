"""How tests that commit leave the database as they found it: everything is deleted but what migrations put there.

Deleting a few rows is much faster than truncating every table, and the triggers that guard history are passed over
by laying down the application's role (`tests/owner.py`).
"""

from functools import cache
from typing import Any

from django.db import connection
from django.test import TransactionTestCase

REFERENCE = {"django_migrations", "django_content_type", "auth_permission", "markets_market", "markets_marketsetting"}
REFERENCE |= {"markets_exchangerate", "plans_product"}


@cache
def _statement() -> str:
    tables = [table for table in connection.introspection.table_names() if table not in REFERENCE]
    deletes = "".join(f"DELETE FROM {connection.ops.quote_name(table)};" for table in tables)
    guards_off, guards_on = "SET ROLE NONE; SET session_replication_role = replica;", "SET session_replication_role = DEFAULT; RESET ROLE;"
    return f"{guards_off} {deletes} {guards_on}"


def flush() -> None:
    """Delete everything but what migrations put there."""
    with connection.cursor() as cursor:
        cursor.execute(_statement())


def _fixture_teardown(self: Any) -> None:
    flush()


def install() -> None:
    """Let every test that commits end this way."""
    TransactionTestCase._fixture_teardown = _fixture_teardown
