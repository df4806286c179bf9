"""E-mail addresses and phone numbers in canonical form, and codes as typed; pure."""

import re

import idna
import phonenumbers

from core.characters import visible
from core.sentences import Faulty, Sentence

MAX_EMAIL = 254
_LOCAL = re.compile(r"[^@\s\"(),:;<>\[\]\\]+")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", re.ASCII)
_CODE = re.compile(r"\d{4,10}", re.ASCII)
# Ofcom reserves these numbers for films and plays, so nobody owns them: people who try out the product may use them.
_FOR_DRAMA = re.compile(r"\+447700900\d{3}", re.ASCII)


def normalize_email(text: str) -> str:
    """Return an e-mail address in lower case, its domain in ASCII (IDNA 2008); Faulty for a text that is not an address."""
    local, at, domain = visible(text).lower().rpartition("@")
    email = f"{local}{at}{_ascii_domain(domain)}"
    dots = ".." in local or local.startswith(".") or local.endswith(".")
    if len(email) > MAX_EMAIL or dots or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(email.rpartition("@")[2]):
        raise Faulty("Enter an e-mail address, such as ann@example.com.")
    return email


def _ascii_domain(domain: str) -> str:
    """Return a domain in ASCII: `bücher.example` is `xn--bcher-kva.example`; empty where that is impossible."""
    if domain.isascii() and "xn--" not in domain:
        return domain
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return ""


def stored_email(text: str) -> str:
    """Return an e-mail address in its stored form, for look-ups; a text that is not an address is returned unchanged."""
    try:
        return normalize_email(text)
    except Faulty:
        return text.strip().lower()


def shown_email(email: str) -> str:
    """Return a stored e-mail address as its owner writes it: `xn--bcher-kva.example` is `bücher.example`."""
    local, at, domain = email.rpartition("@")
    try:
        return f"{local}{at}{idna.decode(domain)}"
    except idna.IDNAError:
        return email


_TYPES = phonenumbers.PhoneNumberType
_NOBODYS = {_TYPES.PREMIUM_RATE, _TYPES.TOLL_FREE, _TYPES.SHARED_COST, _TYPES.UAN, _TYPES.PAGER, _TYPES.VOICEMAIL}
"""Types of phone numbers that do not belong to a person; messages to some of them cost the sender extra."""


def normalize_phone(text: str, region: str) -> str:
    """Return a phone number in E.164 form, read as a number of a region (ISO country) unless it starts with +.

    Faulty unless the number can be dialed from anywhere: it must include its area code.
    """
    try:
        number = phonenumbers.parse(visible(text), region or None)
    except phonenumbers.NumberParseException as error:
        is_nowhere = error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE
        wanted = Sentence("Begin the number with your country's code, such as +1.") if is_nowhere else Sentence("Enter a mobile number.")
        raise Faulty(wanted) from None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise Faulty("Enter a mobile number with all its digits.")
    normal = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if number.extension or not (phonenumbers.is_valid_number(number) or _FOR_DRAMA.fullmatch(normal)):
        raise Faulty("There is no such number. Check its digits.")
    if phonenumbers.number_type(number) in _NOBODYS:
        raise Faulty("Enter a mobile number. This one is a service's.")
    return normal


def shown_phone(phone: str) -> str:
    """Return a stored number with spaces, grouped as in its country."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(phone), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return phone


def normalize_destination(channel: str, text: str, region: str) -> str:
    """Return the destination of a code in canonical form; Faulty if it does not fit the channel."""
    if channel == "email":
        return normalize_email(text)
    if channel == "sms":
        return normalize_phone(text, region)
    raise Faulty("Choose e-mail or SMS.")


def find_destination(channel: str, text: str, region: str) -> str:
    """Return the destination of a code in canonical form, or an empty text if no code can be sent there."""
    try:
        return normalize_destination(channel, text, region) if text else ""
    except Faulty:
        return ""


def is_same_destination(channel: str, one: str, other: str, region: str) -> bool:
    """Return whether two texts are the same e-mail address or phone number; False if one is invalid."""
    found = find_destination(channel, one, region)
    return bool(found) and found == find_destination(channel, other, region)


def normalize_code(text: str) -> str:
    """Return a typed code without spaces and dashes; Faulty unless it is 4 to 10 digits."""
    code = re.sub(r"[\s-]", "", text)
    if not _CODE.fullmatch(code):
        raise Faulty("Enter the code as digits.")
    return code
