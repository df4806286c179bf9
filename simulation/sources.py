"""The demo's accounts with real providers of credit reports and open banking, at the sandbox world that speaks their protocols."""

from datetime import datetime
from typing import Any

from django.conf import settings

from core.provider_accounts import save_account
from core.providers import Capability, get_provider, stand_ins_of
from simulation import second_brand

KEY = settings.SANDBOX_KEY
AGENCIES = {
    "experian": {
        "client_id": "kvart", "client_secret": KEY, "username": "kvart", "password": KEY,
        "company_id": "KVART", "subscriber_code": "2222222",
        "price_minor": "185", "budget_ms": "900",
    },
    "equifax": {"client_id": "kvart", "client_secret": KEY, "member_number": "999XX12345", "security_code": "@U2", "price_minor": "170"},
    "transunion": {
        "client_id": "kvart", "client_secret": KEY, "industry_code": "F", "member_code": "05082333", "prefix_code": "06TR",
        "member_password": KEY, "price_minor": "160",
    },
}  # fmt: skip
"""Keys and terms of the agencies of the United States, in the order in which they are asked."""
BANKS_OF = (("tink-se", "SE", ""), ("tink-de", "DE", ""), ("tink-fjordbank", "DK", second_brand.CODE))
"""Where Tink is asked about bank accounts: code, market and brand."""


def make_accounts(*, at: datetime) -> None:
    """Make the accounts: three agencies one after the other in the United States, Tink in two markets and for the second brand."""
    for number, (provider, values) in enumerate(AGENCIES.items(), 1):
        told = {"capabilities": [Capability.BUREAU], "market": "US", "priority": 10 * number}
        _save(code=provider, provider=provider, values=values, at=at, **told)
    for code, market, brand in BANKS_OF:
        told = {"capabilities": [Capability.OPEN_BANKING], "market": market, "brand": brand, "priority": 10}
        _save(
            code=code,
            provider="tink",
            values={"client_id": "kvart", "secret": KEY, "price_minor": "35", "balance_minor": "5", "price_currency": "EUR"},
            at=at,
            **told,
        )


def _save(*, provider: str, values: dict[str, str], at: datetime, **told: Any) -> None:
    kept = values | stand_ins_of(get_provider(provider))
    save_account(provider=provider, values=kept, active=True, actor="demo", at=at, **told)
