"""A second brand: a bank, on a host of its own."""

from typing import Any

from brands.models import Brand
from brands.services import make_brand
from core.clock import now

HOST = "fjord.localhost"
BANK: dict[str, Any] = {
    "code": "bank",
    "name": "Fjordbank",
    "domain": HOST,
    "legal_name": "Fjordbank A/S",
    "register_number": "CVR 12 34 56 78",
    "address": "Havnegade 1, 1058 København K",
    "supervision": "Under the supervision of Finanstilsynet",
    "color": "#1d4f91",
    "mark": "M0 12l9-12 9 12z\n~M0 14h18v4H0z",
    "mail_address": "no-reply@fjordbank.example",
    "sms_sender": "Fjordbank",
    "support_email": "hjaelp@fjordbank.example",
    "support_phone": "+45 70 10 20 30",
    "support_hours": "Monday to Friday, 9 to 16",
    "texts": {"en": {"tagline": "Pay as the tide comes in"}, "da": {"tagline": "Betal i ro og mag"}},
}


def make_bank(**fields: Any) -> Brand:
    """Make the bank's brand."""
    return make_brand(actor="test", at=now(), **BANK | fields)
