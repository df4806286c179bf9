"""The demo's accounts with real providers of credit reports and open banking, at the sandbox world that speaks their protocols."""

from datetime import datetime
from typing import Any

from django.conf import settings

from accounts import services as accounts
from accounts.models import Consumer
from brands.models import DEFAULT
from core.provider_accounts import save_account
from core.providers import BY_VARIABLES, Capability, get_account, get_provider, stand_ins_of
from core.remote import Remote
from credit import services as credit
from plans.models import Plan
from plans.states import PlanStatus
from portals.consumer.limit.bank import VERSION, consent_text
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


TERMS = {"price_minor": "35", "balance_minor": "5", "price_currency": "EUR"}
FEES = {"fee_bps": "140", "fee_minor": "25", "debit_fee_minor": "35", "fee_currency": "EUR"}
"""What readings of banks, and charges at the sandbox's gateway, cost."""


def make_accounts(*, at: datetime) -> None:
    """Make the accounts: three agencies one after the other in the United States, Tink in two markets and for the second brand."""
    for number, (provider, values) in enumerate(AGENCIES.items(), 1):
        told = {"capabilities": [Capability.BUREAU], "market": "US", "priority": 10 * number}
        _save(code=provider, provider=provider, values=values, at=at, **told)
    for code, market, brand in BANKS_OF:
        told = {"capabilities": [Capability.OPEN_BANKING], "market": market, "brand": brand, "priority": 10}
        _save(code=code, provider="tink", values=TERMS | {"client_id": "kvart", "secret": KEY}, at=at, **told)
    for code, values in (("sandbox-bank", TERMS), ("sandbox", FEES)):
        able = sorted(get_account(code).capabilities)
        _save(code=code, provider=code, values=values, at=at, capabilities=able, market="", priority=BY_VARIABLES)


def let_people_show_their_bank(*, at: datetime) -> list[str]:
    """Let a customer of each brand show their income by their bank; return the codes of the accounts by which they were read."""
    read = []
    for brand in (DEFAULT, second_brand.CODE):
        plans = Plan.objects.filter(status=PlanStatus.ACTIVE, consumer__brand_id=brand).select_related("consumer__market")
        plan = plans.order_by("id").first()
        if plan is not None:
            read.append(_show_bank(plan.consumer, at))
    return read


def _show_bank(consumer: Consumer, at: datetime) -> str:
    """Let a person agree, choose a salary on the bank's page and come back; return the code of the account that was asked."""
    text, currency = consent_text(), consumer.market.currency
    accounts.record_consent(consumer=consumer, kind="open_banking", version=VERSION, text=text, language="en", how="account", at=at)
    visit, address = credit.start_bank(consumer=consumer, currency=currency, language="en", return_path="/limit/bank/back", at=at)
    Remote(address, "").post("", {"life": "salary", "answer": "yes"})
    return credit.read_bank(consumer=consumer, access_id=visit.public_id, at=at).provider


def _save(*, provider: str, values: dict[str, str], at: datetime, **told: Any) -> None:
    kept = values | stand_ins_of(get_provider(provider))
    save_account(provider=provider, values=kept, active=True, actor="demo", at=at, **told)
