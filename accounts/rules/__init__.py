"""Which contacts and personal details are valid, and how often codes are sent; pure."""

from datetime import datetime, timedelta

from accounts.rules.addresses import ADDRESS_FIELDS, AddressForm, find_region, normalize_address, normalize_postal_code, zone_of
from accounts.rules.contacts import (
    find_destination,
    is_same_destination,
    normalize_code,
    normalize_destination,
    normalize_email,
    normalize_phone,
    shown_email,
    shown_phone,
    stored_email,
)
from accounts.rules.details import MAX_NAME, age_on, check_birth_date, normalize_name
from accounts.rules.persons import name_parts, person_keys, sought_parts
from core.sentences import Faulty

__all__ = [
    "ADDRESS_FIELDS",
    "MAX_NAME",
    "AddressForm",
    "Faulty",
    "age_on",
    "check_birth_date",
    "find_destination",
    "find_region",
    "is_same_destination",
    "name_parts",
    "normalize_address",
    "normalize_code",
    "normalize_destination",
    "normalize_email",
    "normalize_name",
    "normalize_phone",
    "normalize_postal_code",
    "person_keys",
    "shown_email",
    "shown_phone",
    "sought_parts",
    "stored_email",
    "zone_of",
]

CODE_VALID = timedelta(minutes=10)
CODE_TRIES = 5
HOUR = timedelta(hours=1)

STEPS = ("signed_up", "details", "identity", "decision", "plan", "payment_method", "completed")
"""The steps of onboarding, in order; the first time that a consumer reaches each is recorded."""


def wait_before_code(sent: list[datetime], at: datetime, *, apart_s: int, most: int, is_dead: bool = False) -> int:
    """Return how many seconds a requester has to wait for the next code to a destination.

    `sent` has the times at which the requester had codes sent there in the last hour (any order); `is_dead` says that the newest code was
    tried too often: it cannot be used any more, so the requester need not wait. Codes are `apart_s` seconds apart, and at most `most` an
    hour.
    """
    recent = sorted(moment for moment in sent if moment > at - HOUR)
    waits = [recent[-1] + timedelta(seconds=apart_s) - at] if recent and not is_dead else []
    if len(recent) >= most:
        waits.append(recent[-most] + HOUR - at)
    return max([0, *(-(-int(wait.total_seconds() * 1000) // 1000) for wait in waits)])
