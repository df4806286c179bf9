"""Card numbers: their validity, their brands, and the behavior of test cards. Numbers are never stored."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.fields import optional_flag, optional_text
from sandbox.message import refuse

DECLINED_HERE = "Your card was declined. Nothing was charged."
# decline_code -> (code, message), as Stripe names them.
DECLINES = {
    "generic_decline": ("card_declined", "Your card was declined."),
    "insufficient_funds": ("card_declined", "Your card has insufficient funds."),
    "lost_card": ("card_declined", "Your card was declined."),
    "stolen_card": ("card_declined", "Your card was declined."),
    "expired_card": ("expired_card", "Your card has expired."),
    "incorrect_cvc": ("incorrect_cvc", "Your card's security code is incorrect."),
    "processing_error": ("processing_error", "An error occurred while processing your card. Try again in a little bit."),
    "authentication_required": ("authentication_required", "Your card requires authentication."),
    "account_closed": ("account_closed", "The bank account was closed."),
}
# number -> behavior. "page:" applies when the card is entered, the others when it is charged.
TEST_CARDS = {
    "4000000000000002": "page:generic_decline",
    "4000000000009995": "insufficient_funds",
    "4000000000000341": "generic_decline",
    "4000000000009987": "lost_card",
    "4000000000009979": "stolen_card",
    "4000000000000069": "expired_card",
    "4000000000000127": "incorrect_cvc",
    "4000000000000119": "processing_error",
    "4000002500003155": "confirm_once",
    "4000002760003184": "authentication_required",
}
# Every number that guides and pages name, those that always work too: everybody pays with them.
PUBLISHED = frozenset(TEST_CARDS) | {
    "4242424242424242",
    "4000056655665556",
    "5555555555554444",
    "5200828282828210",
    "378282246310005",
    "6011111111111117",
}
ASK_FIRST = frozenset({"confirm_once", "authentication_required"})
_BRANDS = (
    (re.compile(r"3[47]\d{13}"), "amex"),
    (re.compile(r"(5[1-5]|2[2-7])\d{14}"), "mastercard"),
    (re.compile(r"(6011|65\d\d)\d{12}"), "discover"),
    (re.compile(r"4(\d{12}|\d{15}|\d{18})"), "visa"),
)
BRAND_NAMES = {"visa": "Visa", "mastercard": "Mastercard", "amex": "American Express", "discover": "Discover"}
FIELD_ERRORS = {
    "number": ("incorrect_number", "Check the card number: a digit is wrong or missing."),
    "expiry": ("invalid_expiry", "Use a month and year in the future: MM / YY."),
    "cvc": ("invalid_cvc", "The security code has 3 digits, or 4 on American Express."),
    "postal_code": ("invalid_postal_code", "Use the postal code of your card's billing address."),
}


@dataclass(frozen=True, slots=True)
class Card:
    """A card without its number."""

    behavior: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    postal_code: str | None
    fingerprint: str = ""


def passes_luhn(number: str) -> bool:
    """Whether the check digit is right and the length is a card's (ISO/IEC 7812)."""
    if not number.isascii() or not number.isdigit() or not 12 <= len(number) <= 19:
        return False
    doubled = (sum(divmod(int(digit) * 2, 10)) for digit in number[-2::-2])
    return (sum(doubled) + sum(int(digit) for digit in number[-1::-2])) % 10 == 0


def brand_of(number: str) -> str:
    """The brand by prefix; visa if nothing else matches."""
    return next((brand for pattern, brand in _BRANDS if pattern.fullmatch(number)), "visa")


def _fingerprint_of(number: str) -> str:
    """A name of the number that is the same whoever gives it."""
    return hashlib.sha256(f"sandbox card {number}".encode()).hexdigest()[:16]


_OF_EVERYBODY = frozenset(map(_fingerprint_of, PUBLISHED))


def own_fingerprint(fingerprint: str) -> str | None:
    """A card's fingerprint, or None for a published test card: it says nothing about who pays with it."""
    return None if fingerprint in _OF_EVERYBODY else fingerprint


def is_over(exp_month: int, exp_year: int, now_ms: int) -> bool:
    """Whether the expiry month of a card has ended."""
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    return (exp_year, exp_month) < (now.year, now.month)


def card_from(number: str, exp_month: int, exp_year: int, cvc: str, postal_code: str | None, now_ms: int) -> Card | list[str]:
    """A card, or the names of the fields that are wrong."""
    digits = re.sub(r"[\s-]", "", number)
    brand = brand_of(digits)
    latest = datetime.fromtimestamp(now_ms / 1000, UTC).year + 30
    wrong = [] if passes_luhn(digits) else ["number"]
    if not 1 <= exp_month <= 12 or is_over(exp_month, exp_year, now_ms) or exp_year > latest:
        wrong.append("expiry")
    if not re.fullmatch(r"[0-9]{4}" if brand == "amex" else r"[0-9]{3}", cvc):
        wrong.append("cvc")
    if postal_code is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 -]{1,9}", postal_code):
        wrong.append("postal_code")
    return wrong or Card(TEST_CARDS.get(digits, "ok"), brand, digits[-4:], exp_month, exp_year, postal_code, _fingerprint_of(digits))


def card_from_body(body: dict[str, Any], now_ms: int) -> tuple[Card, bool]:
    """The card of an API call, and whether its person confirms 3-D Secure; refuses a wrong field with 400."""
    number = body.get("number")
    digits = number if isinstance(number, str) else ""
    year = datetime.fromtimestamp(now_ms / 1000, UTC).year
    exp_month, exp_year = body.get("exp_month", 12), body.get("exp_year", year + 4)
    if type(exp_month) is not int or type(exp_year) is not int:
        exp_month, exp_year = 0, 0
    usual_cvc = "1234" if brand_of(re.sub(r"[\s-]", "", digits)) == "amex" else "123"
    cvc = optional_text(body, "cvc") or usual_cvc
    card = card_from(digits, exp_month, exp_year, cvc, optional_text(body, "postal_code"), now_ms)
    if isinstance(card, list):
        code, message = FIELD_ERRORS[card[0]]
        refuse(400, code, message, field=card[0])
    return card, optional_flag(body, "authenticate", True)


def failure_of(decline_code: str | None) -> dict[str, str] | None:
    """The `failure` part of an object."""
    if decline_code is None:
        return None
    code, message = DECLINES[decline_code]
    return {"code": code, "decline_code": decline_code, "message": message}
