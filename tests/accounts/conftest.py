"""People of the accounts tests."""

import uuid
from datetime import UTC, date, datetime

import pytest

from accounts import services
from core import remote
from markets import queries as markets

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOME = {"line1": "1 Main St", "city": "New York", "postal_code": "10001", "region": "NY"}


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture
def us(db):
    return markets.get_market("US")


@pytest.fixture
def dk(us):
    return markets.get_market("DK")


@pytest.fixture
def email():
    """Give a function that makes an e-mail address of a persona that no other test uses."""
    return lambda persona="": f"{uuid.uuid4().hex}{persona}@example.com"


@pytest.fixture
def world(sandbox_world):
    """Give the sandbox world, without chaos before and after."""
    yield remote.sandbox()
    for target in ("kyc", "bureau", "twilio"):
        remote.sandbox().post("/control/chaos", {"target": target})


@pytest.fixture
def person(us, email):
    """Give a function that makes a consumer with all details, whose identity is not checked yet."""

    def make(persona: str = "", market=us, **details):
        consumer = services.get_or_create_consumer(channel="email", destination=email(persona), market=market, at=AT)
        told = {"name": "Ann Example", "birth_date": date(1990, 5, 31), "address": HOME} | details
        return services.update_details(consumer=consumer, **told, at=AT, actor="test")

    return make
