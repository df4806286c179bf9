"""The core tests use event handlers and timers of their own."""

import os
from datetime import UTC, datetime
from urllib.parse import quote

import psycopg2
import pytest
from django.db import connection

from core import clock, outbox, timers


@pytest.fixture
def at() -> datetime:
    return datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture
def ears(settings):
    """Register only the handlers and timers of `tests.core.ears`."""
    from tests.core import ears

    settings.SUBSCRIPTIONS = "tests.core.ears.SUBSCRIPTIONS"
    settings.TIMERS = "tests.core.ears.TIMERS"
    settings.CLOCK_FOLLOWERS = "tests.core.ears.CLOCK_FOLLOWERS"
    _forget()
    yield ears
    _forget()


def _forget() -> None:
    outbox._table.cache_clear()
    timers.forget()
    clock.forget()


@pytest.fixture
def application(db):
    """A session of the application's own role, as web and workers have it."""
    base, _, query = os.environ["DATABASE_OWNER_URL"].partition("?")
    url = f"{base.replace('postgres@', 'bnpl@').rpartition('/')[0]}/{quote(connection.settings_dict['NAME'])}?{query}"
    session = psycopg2.connect(url)
    session.autocommit = True
    with session.cursor() as cursor:
        yield cursor
    session.close()
