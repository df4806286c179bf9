"""A shop's team at the portal: one person for each role, each with a browser of their own."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import User
from merchants.models import Membership, Merchant
from tests.cast import NOW

PASSWORD = "correct-horse-battery"


@pytest.fixture(autouse=True)
def now(monkeypatch):
    """Let the portal's pages use the tests' time."""
    for module in ("portals.merchant.frame",):
        monkeypatch.setattr(f"{module}.now", lambda: NOW)
        monkeypatch.setattr(f"{module}.offset", timedelta)
    return NOW


def join(merchant: Merchant, role: str, email: str = "") -> User:
    """Add somebody to a team in a role."""
    email = email or f"{role}@{merchant.slug}.example"
    user = User.objects.filter(email=email).first() or User.objects.create_user(email, PASSWORD, name=f"Mia {role.title()}")
    Membership.objects.create(user=user, merchant=merchant, role=role, added_at=NOW)
    return user


@pytest.fixture
def desk_of(db) -> Callable[..., Client]:
    """Give a function that signs a person with a role in to a new browser: `desk_of(merchant, "finance")`."""

    def sign_in(merchant: Merchant, role: str = "owner") -> Client:
        client = Client()
        client.force_login(join(merchant, role), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def owner(desk_of, merchant) -> Client:
    """The owner's browser."""
    return desk_of(merchant)
