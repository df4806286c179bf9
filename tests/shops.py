"""A standing cast of shops for tests: their accounts, keys and calls."""

import itertools
from datetime import UTC, datetime
from typing import Any

from markets.models import Market
from merchants.models import Membership, Merchant
from merchants.services import accept_invitation, create_api_key, create_merchant, invite_member

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
_names = itertools.count(1)


def open_shop(market: str = "US", **details: Any) -> Merchant:
    """Open an account of a new shop."""
    name = details.pop("name", f"Shop {next(_names)}")
    at = details.pop("at", AT)
    options = {"legal_name": f"{name} Inc.", "payout_destination": "bank_1", **details}
    return create_merchant(name=name, market=Market.objects.get(code=market), at=at, **options)


def join_team(merchant: Merchant, email: str, role: str) -> Membership:
    """Invite a person to a team and let them accept, with a password of their own."""
    invitation = invite_member(merchant=merchant, email=email, role=role, actor="test", at=AT)
    return accept_invitation(invitation_id=invitation.id, user=None, password="correct-horse-battery", at=AT)


def make_key(merchant: Merchant, kind: str = "secret") -> str:
    """Return a new key of a shop, in full."""
    return create_api_key(merchant=merchant, kind=kind, name="test", actor="test", at=AT)[1]


def basket(**changes: Any) -> dict[str, Any]:
    """Return a valid body of a checkout."""
    return {
        "amount": 22_900,
        "currency": "USD",
        "merchant_reference": "A-1001",
        "items": [{"name": "Desk lamp", "quantity": 1, "unit_amount": 22_900, "amount": 22_900, "sku": "L-1"}],
        "customer": {"email": "ann@example.com"},
        "urls": {"confirmation": "https://shop.example/done", "cancel": "https://shop.example/basket"},
        "capture": "manual",
        "metadata": {"cart": "c1"},
    } | changes
