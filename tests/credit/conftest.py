"""People of the credit tests: consumers whose identity is already checked, so that only the bureau is called."""

import uuid
from datetime import UTC, datetime

import pytest

from accounts.models import Consumer
from accounts.services import note_inquiry_told
from core import remote
from core.crypto import lookup_hash
from core.money import Money
from credit import services
from markets import queries as markets
from tests.owner import unguarded

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture
def world(sandbox_world):
    """Give the sandbox world, without chaos before and after."""
    yield remote.sandbox()
    remote.sandbox().post("/control/chaos", {"target": "bureau"})


@pytest.fixture
def person(db):
    """Give a function that makes a consumer of a persona with the given result of the identity check."""

    def make(persona: str = "", *, identity: str = "verified", market: str = "US") -> Consumer:
        email = f"{uuid.uuid4().hex}{persona}@example.com"
        place = markets.get_market(market)
        made = Consumer(
            market=place,
            locale=place.locale,
            time_zone=place.time_zone,
            email=email,
            email_hash=lookup_hash(email),
            name="Ann Example",
            birth_date="1990-05-31",
            address={"line1": "1 Main St", "city": "New York", "postal_code": "10001", "region": "NY", "country": "US"},
            identity=identity,
            created_at=AT,
        )
        with unguarded():
            made.save()
        note_inquiry_told(consumer=made, language="en", reference="chk_1", at=AT)
        return made

    return make


@pytest.fixture
def decide(world):
    """Give a function that decides about an amount in minor units."""

    def run(consumer: Consumer, minor: int = 20_000, *, currency: str = "USD", at: datetime = AT, reference: str = "chk_1", history=None):
        return services.decide(consumer=consumer, reference=reference, amount=Money(minor, currency), at=at, history=history)

    return run
