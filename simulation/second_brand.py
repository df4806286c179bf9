"""The demo's second brand: a bank with its own host, shop and people, one of whom is a customer of both brands."""

from datetime import datetime
from typing import Any

from brands.models import DEFAULT
from brands.queries import get_brand
from brands.services import change_brand, make_brand
from checkout import services as checkouts
from markets.models import Market
from merchants.models import Merchant
from plans.models import Plan
from plans.states import PlanStatus
from simulation import shopper

CODE, HOST = "fjordbank", "fjordbank.localhost"
BRAND: dict[str, Any] = {
    "code": CODE,
    "domain": HOST,
    "name": "Fjordbank",
    "legal_name": "Fjordbank A/S",
    "register_number": "CVR 12 34 56 78",
    "address": "Eksempelhavnen 1, 0000 Eksempelby",
    "supervision": "Bank under the supervision of Finanstilsynet",
    "color": "#1d4f91",
    "mark": "M0 10L9 1l9 9z\n~M0 13h18v4H0z",
    "mail_address": "no-reply@fjordbank.example",
    "sms_sender": "Fjordbank",
    "support_email": "hjaelp@fjordbank.example",
    "support_phone": "+45 00 00 00 00",
    "support_hours": "Monday to Friday, 9 to 16",
    "texts": {
        "en": {"tagline": "Pay at the pace of the tide"},
        "da": {"tagline": "Betal i tidevandets tempo", "supervision": "Bank under tilsyn af Finanstilsynet"},
        "sv": {"tagline": "Betala i tidvattnets takt", "supervision": "Bank under tillsyn av danska Finanstilsynet"},
        "de": {"tagline": "Zahlen im Takt der Gezeiten", "supervision": "Bank unter der Aufsicht der dänischen Finanstilsynet"},
    },
}
FIRST: dict[str, Any] = {
    "register_number": "Example register 000 000",
    "supervision": "Lender under the supervision of an example authority",
    "texts": {
        "en": {"tagline": "A quarter at a time"},
        "da": {"tagline": "En fjerdedel ad gangen", "supervision": "Långiver under tilsyn af en eksempelmyndighed"},
        "sv": {"tagline": "En fjärdedel i taget", "supervision": "Långivare under tillsyn av en exempelmyndighet"},
        "de": {"tagline": "Ein Viertel nach dem anderen", "supervision": "Kreditgeber unter der Aufsicht einer Beispielbehörde"},
    },
}
"""Fields of the demo's first brand beyond the environment variables."""
SHOP: dict[str, Any] = {
    "slug": "havnens",
    "owner": "Freja Dahl",
    "market": "DK",
    "account": "DK2130003000312345",
    "profile": {
        "name": "Havnens Cykler",
        "legal_name": "Havnens Cykler ApS",
        "category": "bicycles",
        "brand_color": "#7a2e4d",
        "support_email": "hej@havnens.example",
        "checkout_text": "Cykler til våde havne. To års gratis service.",
    },
}
NEWCOMER = "liv+approve@people.example"
BASKETS = (("Pannier bag", 89_900), ("Front light", 44_900))
CARD = "4242424242424242"


def make_second_brand(*, at: datetime) -> None:
    """Make the bank's brand, and complete the fields of the first one."""
    change_brand(code=DEFAULT, changes=FIRST, actor="demo", at=at)
    make_brand(actor="demo", at=at, **BRAND)


def let_people_buy(merchant: Merchant, *, at: datetime) -> list[str]:
    """Let a customer of the first brand, and somebody new, buy in the bank's shop; return their e-mail addresses."""
    market = Market.objects.get(code=SHOP["market"])
    known = Plan.objects.filter(status=PlanStatus.ACTIVE, consumer__market=market).exclude(consumer__brand_id=CODE)
    plans = known.select_related("consumer").order_by("-id")[:20]
    both = next((plan.consumer.email for plan in plans if "+approve" in plan.consumer.email or "+" not in plan.consumer.email), "")
    bought = []
    for email, (name, minor) in zip((both, NEWCOMER), BASKETS, strict=True):
        if email and _buy(merchant, email, name, minor, at):
            bought.append(email)
    return bought


def _buy(merchant: Merchant, email: str, name: str, minor: int, at: datetime) -> bool:
    """Let somebody buy one item, and ship it; False if they are refused."""
    items = [{"name": name, "quantity": 1, "unit_amount": minor, "amount": minor}]
    outcome = shopper.buy(merchant=merchant, email=email, reference=f"HC-{minor}", items=items, card=CARD, at=at)
    if outcome.order is None or outcome.outcome != "authorized":
        return False
    checkouts.take_deposit(order_id=outcome.order.id, merchant=merchant, amount_minor=minor, at=at)
    checkouts.capture_order(order_id=outcome.order.id, merchant=merchant, amount_minor=minor, actor="demo", at=at)
    return True


def describe(shop: dict[str, Any], people: list[str]) -> dict[str, Any]:
    """Return the bank for `demo.json`."""
    brand = get_brand(CODE)
    return {
        "name": brand.name,
        "base_url": brand.base_url,
        "merchants": [shop],
        "consumers": [{"email": email} for email in people],
    }
