"""Lives of processes that are killed have the same moments each time: the reading of gateways' events is a test of its own."""

import pytest

from core import clock
from payments.models import EventReading


@pytest.fixture(autouse=True)
def no_reading(transactional_db):
    """Let the timers read no list of events: the row of an account is shared by all lives of a test."""
    far = clock.now().replace(year=2200)
    EventReading.objects.create(gateway="sandbox", read_until=far, since=far, next_at=far)
