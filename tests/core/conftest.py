"""The kernel's tests have a choreography and timers of their own."""

from datetime import UTC, datetime

import pytest

from core import clock, outbox, timers


@pytest.fixture
def at() -> datetime:
    return datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture
def ears(settings):
    """Let only `tests.core.ears` hear, and only its timers run."""
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
