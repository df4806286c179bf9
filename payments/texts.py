"""How pages and letters name cards and accounts, and say why a payment failed, in the same words."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from payments.failures import OUTAGES

NO_BREAK = "\N{NO-BREAK SPACE}"
BRANDS = {
    "amex": "American Express",
    "mastercard": "Mastercard",
    "visa": "Visa",
    "diners": "Diners Club",
    "jcb": "JCB",
    "unionpay": "UnionPay",
}
# ISO 13616: country, two check digits, then 11 to 30 letters and digits.
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", re.ASCII)
FAILURES = {
    "insufficient_funds": gettext_noop("There was not enough money on the card."),
    "expired_card": gettext_noop("The card has expired."),
    "lost_card": gettext_noop("The bank says that the card was reported lost."),
    "stolen_card": gettext_noop("The bank says that the card was reported stolen."),
    "authentication_required": gettext_noop("The bank wants you to confirm that it is you."),
    **dict.fromkeys(OUTAGES, gettext_noop("The bank could not be reached.")),
    "amount_too_small": gettext_noop("It is less than can be charged to a card."),
}


ACCOUNT_FAILURES = {
    "insufficient_funds": gettext_noop("There was not enough money in the account."),
    "account_closed": gettext_noop("The bank says that the account is closed."),
    "debit_not_authorized": gettext_noop("The bank says that the debit was not allowed."),
    **dict.fromkeys(OUTAGES, gettext_noop("The bank could not be reached.")),
}


def card_name(brand: str, last4: str) -> str:
    """Name a card by its mark and last digits: `Visa ···· 4242`, never broken over two lines."""
    return f"{BRANDS.get(brand, brand.title())} ···· {last4}".replace(" ", NO_BREAK)


def method_name(kind: str, shown: Mapping[str, Any]) -> str:
    """Name a way to pay by what people recognize it by, never broken over two lines: `Visa ···· 4242`, `Nordea ···· 1234`, `MobilePay`."""
    if kind == "card":
        return card_name(str(shown["brand"]), str(shown["last4"]))
    digits = f"···· {shown['last4']}" if shown.get("last4") else str(shown.get("hint", ""))
    return f"{shown.get('bank') or shown.get('name') or ''} {digits}".strip().replace(" ", NO_BREAK)


def account_name(destination: str) -> str:
    """Name a bank account by its last four letters and digits, an IBAN by its country too: `DK ···· 6243`, never broken over two lines."""
    bare = "".join(filter(str.isalnum, destination)).upper()
    country = bare[:2] if IBAN.fullmatch(bare) else ""
    return f"{country} ···· {bare[-4:]}".strip().replace(" ", NO_BREAK)


def failure_text(code: str, kind: str = "card") -> str:
    """Say why a payment by a kind of method failed."""
    if kind == "bank_debit":
        return _(ACCOUNT_FAILURES[code]) if code in ACCOUNT_FAILURES else _("The bank refused the debit.")
    return _(FAILURES[code]) if code in FAILURES else _("The bank declined the card.")
