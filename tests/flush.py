"""Tests that commit leave the database as they found it: every row is deleted except those that migrations inserted.

Deleting a few rows is much faster than truncating every table. The triggers that guard history are bypassed
by laying down the application's role (`tests/owner.py`).
"""

from functools import cache
from typing import Any

from django.db import connection
from django.test import TestCase, TransactionTestCase

REFERENCE = {"django_migrations", "django_content_type", "auth_permission", "markets_market", "markets_marketsetting"}
REFERENCE |= {"markets_exchangerate"}

PARTLY = {"brands_brand": " WHERE code <> 'main'", "plans_product": " WHERE offered_since IS NOT NULL"}
PARTLY |= {"controls_ruleversion": " WHERE made_by <> 'product'", "accounts_customerclass": " WHERE made_by <> 'installation'"}
"""Of these some rows are made by a migration, and others are not."""
AGAIN = "UPDATE plans_product SET active = true, offered_until = NULL WHERE offered_until IS NOT NULL;"
"""The first versions of products are on offer again."""


@cache
def _statement() -> str:
    tables = [table for table in connection.introspection.table_names() if table not in REFERENCE]
    deletes = "".join(f"DELETE FROM {connection.ops.quote_name(table)}{PARTLY.get(table, '')};" for table in tables)
    guards_off, guards_on = "SET ROLE NONE; SET session_replication_role = replica;", "SET session_replication_role = DEFAULT; RESET ROLE;"
    return f"{guards_off} {deletes} {AGAIN} {guards_on}"


def flush() -> None:
    """Delete every row except those that migrations inserted."""
    with connection.cursor() as cursor:
        cursor.execute(_statement())


def _fixture_teardown(self: Any) -> None:
    flush()


def _tear_down_class(cls: type[TestCase]) -> None:
    if cls._databases_support_transactions():
        cls._rollback_atomics(cls.cls_atomics)
    super(TestCase, cls).tearDownClass()


def install() -> None:
    """Use this flush at the end of every test that commits, and let all tests of a process share a session.

    A new session of PostgreSQL knows no table, trigger or plan yet: with one for every test, the first statements cost more than the test.
    """
    TransactionTestCase._fixture_teardown = _fixture_teardown
    TransactionTestCase._should_reload_connections = lambda _self: False
    TestCase.tearDownClass = classmethod(_tear_down_class)
