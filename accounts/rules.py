"""What may stand in a consumer's details, and how often codes are sent; pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import phonenumbers

CODE_VALID = timedelta(minutes=10)
CODE_TRIES = 5
CODES_AN_HOUR = 5
CODES_APART = timedelta(seconds=30)
CODES_AN_HOUR_IP = 300
HOUR = timedelta(hours=1)
OLDEST_YEARS = 120
MAX_NAME = 120
MAX_EMAIL = 254

STEPS = ("signed_up", "details", "identity", "decision", "plan", "payment_method", "completed")
"""Onboarding in its order; a consumer's first time at each is kept."""

ADDRESS_FIELDS = {"line1": 120, "line2": 120, "postal_code": 12, "city": 80, "region": 40}
_EMAIL = re.compile(r"[^@\s\"(),:;<>\[\]\\]+@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", re.ASCII)
_CODE = re.compile(r"\d{4,10}", re.ASCII)


class Faulty(ValueError):
    """A value cannot be accepted; the text is a sentence for people."""


@dataclass(frozen=True, slots=True)
class AddressForm:
    """What a market asks of an address."""

    country: str
    postal_code_pattern: str
    postal_code_label: str
    postal_code_example: str
    region_label: str


def normalize_email(text: str) -> str:
    """Return an e-mail address trimmed and in lower case; Faulty where it is none."""
    email = text.strip().lower()
    local = email.partition("@")[0]
    if len(email) > MAX_EMAIL or not _EMAIL.fullmatch(email) or ".." in email or local.startswith(".") or local.endswith("."):
        raise Faulty("Enter an e-mail address, such as ann@example.com.")
    return email


def normalize_phone(text: str, region: str) -> str:
    """Return a phone number in E.164 form, read as one of a region (ISO country) unless it starts with +; Faulty where it is none."""
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        raise Faulty("Enter a mobile number.") from None
    if not phonenumbers.is_possible_number(number):
        raise Faulty("Enter a mobile number with all its digits.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normalize_destination(channel: str, text: str, region: str) -> str:
    """Return where a code goes, in its one form; Faulty where the channel has no such destination."""
    if channel == "email":
        return normalize_email(text)
    if channel == "sms":
        return normalize_phone(text, region)
    raise Faulty("Choose e-mail or SMS.")


def normalize_code(text: str) -> str:
    """Return a typed code without spaces and dashes; Faulty unless it is 4 to 10 digits."""
    code = re.sub(r"[\s-]", "", text)
    if not _CODE.fullmatch(code):
        raise Faulty("Enter the code as digits.")
    return code


def normalize_name(text: str) -> str:
    """Return a name with single spaces; Faulty where it is too short, too long or has no letter."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if len(name) > MAX_NAME:
        raise Faulty(f"Use at most {MAX_NAME} characters.")
    if sum(char.isalpha() for char in name) < 2 or any(unicodedata.category(char) == "Cc" for char in name):
        raise Faulty("Enter your full name.")
    return name


def age_on(birth_date: date, today: date) -> int:
    """Return the age in whole years on a date."""
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))


def check_birth_date(birth_date: date, today: date, minimum_age: int) -> None:
    """Raise Faulty unless somebody born then is old enough, and alive by all records."""
    if birth_date >= today or age_on(birth_date, today) > OLDEST_YEARS:
        raise Faulty("Enter your date of birth.")
    if age_on(birth_date, today) < minimum_age:
        raise Faulty(f"You must be at least {minimum_age} years old.")


def normalize_address(address: Mapping[str, object], form: AddressForm) -> tuple[dict[str, str], dict[str, str]]:
    """Return an address in its one form, and what is wrong by field (`address.postal_code`)."""
    clean = {field: " ".join(str(address.get(field) or "").split()) for field in ADDRESS_FIELDS}
    clean["postal_code"] = clean["postal_code"].upper()
    faults = {f"address.{field}": f"Use at most {most} characters." for field, most in ADDRESS_FIELDS.items() if len(clean[field]) > most}
    needed = {"line1": "Enter your street and number.", "city": "Enter your city.", "postal_code": f"Enter your {form.postal_code_label}."}
    if form.region_label:
        needed["region"] = f"Enter your {form.region_label.lower()}."
    faults |= {f"address.{field}": sentence for field, sentence in needed.items() if not clean[field]}
    if clean["postal_code"] and not re.fullmatch(form.postal_code_pattern, clean["postal_code"], re.ASCII):
        faults["address.postal_code"] = f"Enter a {form.postal_code_label} such as {form.postal_code_example}."
    if str(address.get("country") or form.country).upper() != form.country:
        faults["address.country"] = f"Only addresses in {form.country} can be used here."
    kept = {field: value for field, value in clean.items() if value}
    return {**kept, "country": form.country}, faults


def wait_before_code(sent: list[datetime], at: datetime) -> int:
    """Return how many seconds a destination has to wait for its next code, given when codes were sent in the last hour (any order)."""
    recent = sorted(moment for moment in sent if moment > at - HOUR)
    waits = [recent[-1] + CODES_APART - at] if recent else []
    if len(recent) >= CODES_AN_HOUR:
        waits.append(recent[-CODES_AN_HOUR] + HOUR - at)
    return max([0, *(-(-int(wait.total_seconds() * 1000) // 1000) for wait in waits)])
