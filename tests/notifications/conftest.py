"""People and orders with notifications, and the sandbox's mailbox and phone to read."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from accounts.models import Consumer
from core.crypto import lookup_hash
from markets.models import Market
from notifications import services
from tests.cast import buy, merchant, operators  # noqa: F401  (fixtures)

AT = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
"""Noon in New York, six in the evening in Copenhagen."""


@pytest.fixture
def person(db) -> Callable[..., Consumer]:
    """Give a function that makes a consumer whose address no other test uses."""

    def make(market: str = "US", *, email: bool = True, phone: bool = False) -> Consumer:
        place = Market.objects.get(code=market)
        name = uuid.uuid4().hex
        address, number = f"{name}@example.com", f"+1212555{int(name[:6], 16) % 10_000:04}"
        return Consumer.objects.create(
            market=place,
            locale=place.locale,
            time_zone=place.time_zone,
            email=address if email else "",
            email_hash=lookup_hash(address) if email else None,
            phone=number if phone else "",
            phone_hash=lookup_hash(number + name) if phone else None,
            created_at=AT,
        )

    return make


@pytest.fixture
def mailbox(sandbox_world: str, settings) -> Callable[[str], list[dict[str, Any]]]:
    """Give a function that reads an address's e-mails, oldest first."""
    settings.EMAIL_BACKEND = "notifications.gateways.mailbox.MailboxBackend"

    def read(to: str) -> list[dict[str, Any]]:
        found = requests.get(f"{sandbox_world}/mailbox/api/messages", params={"to": to, "limit": 100}, timeout=30).json()["data"]
        return found[::-1]

    return read


@pytest.fixture
def phone(sandbox_world: str) -> Callable[[str], list[dict[str, Any]]]:
    """Give a function that reads a phone's messages."""

    def read(to: str) -> list[dict[str, Any]]:
        return requests.get(f"{sandbox_world}/phone/api/messages", params={"to": to}, timeout=30).json()["data"]

    return read


def send(at: datetime = AT) -> int:
    return services.send_messages(at=at)
