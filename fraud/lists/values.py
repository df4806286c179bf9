"""Typed values for lists: how each is compared, what is shown of it, and which need two people."""

import ipaddress
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.rules import find_destination, normalize_email
from core.crypto import lookup_hash
from core.errors import Invalid
from core.sentences import Faulty, Sentence
from fraud.hashing import hash_of
from fraud.known import FREE_MAIL
from fraud.rules import plain
from fraud.states import Listed, ListKind

LONGEST = timedelta(days=731)
"""The longest validity of an entry."""
LONGEST_DOMAIN = 60
ALONE = {4: 24, 6: 48}
"""The shortest prefix of a range, by IP version, that one person may list; a wider range needs two."""
WIDEST = {4: 8, 6: 16}
"""The shortest prefix, by IP version, of any range."""
COLUMNS = {
    ListKind.PERSON: "person_key",
    ListKind.DEVICE: "device",
    ListKind.CARD: "card",
    ListKind.ADDRESS: "address",
    ListKind.EMAIL: "email",
    ListKind.PHONE: "phone",
}
"""The columns of a sighting whose hashes are listed, by kind."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value to list: its keyed hash, its shown text, and, for a range, the range itself."""

    kind: ListKind
    key: str
    shown: str
    net: str | None = None
    is_wide: bool = False


def read_value(kind: ListKind, text: str) -> Value:
    """Parse a typed value; Faulty if it is malformed. A person is given by the key of their first account."""
    text = text.strip()
    match kind:
        case ListKind.EMAIL:
            email = _contact("email", text)
            return Value(kind, hash_of("email", lookup_hash(email)), masked_email(email))
        case ListKind.PHONE:
            phone = _contact("sms", text)
            return Value(kind, hash_of("phone", lookup_hash(phone)), f"{phone[:3]}•••{phone[-2:]}")
        case ListKind.DOMAIN:
            if len(text) > LONGEST_DOMAIN:
                raise Faulty("This is too long for a domain.")
            domain = normalize_email(f"x@{text.removeprefix('@')}").rpartition("@")[2]
            return Value(kind, hash_of("domain", domain), domain, is_wide=True)
        case ListKind.RANGE:
            return _range(text)
        case ListKind.ADDRESS:
            if len(plain(text).split()) < 3:
                raise Faulty("Enter street, postal code and country, such as 12 Harbor Street, 97205, US.")
            return seen_value(kind, hash_of("address", plain(text)))
        case _:
            return seen_value(kind, hash_of(COLUMNS[kind], text))


def typed_value(kind: ListKind, text: str) -> Value:
    """Parse a typed value; Invalid if it is malformed."""
    try:
        return read_value(kind, text)
    except Faulty as fault:
        raise Invalid("This is no value of the kind.", fields={"text": str(fault)}) from None


def seen_value(kind: ListKind, key: str) -> Value:
    """Return a value of which only the keyed hash is known; the beginning of the hash is shown. Faulty for an empty hash."""
    if not key:
        raise Faulty("Enter a value.")
    return Value(kind, key, f"#{key[:8]}")


def masked_email(email: str) -> str:
    """Return an e-mail address reduced to its first letter and its domain."""
    local, _at, domain = email.rpartition("@")
    return f"{local[:1]}•••@{domain}"


def _contact(channel: str, text: str) -> str:
    found = find_destination(channel, text, "")
    if not found and channel == "email":
        raise Faulty("Enter an e-mail address, such as ann@example.com.")
    if not found:
        raise Faulty("Enter a phone number with its country, such as +45 12 34 56 78.")
    return found


def _range(text: str) -> Value:
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise Faulty("Enter an internet address or a range, such as 81.2.69.0/24.") from None
    if not found.is_global or found.prefixlen < WIDEST[found.version]:
        raise Faulty("This range is private, or too wide.")
    return Value(ListKind.RANGE, hash_of("range", str(found)), str(found), str(found), found.prefixlen < ALONE[found.version])


def until_fault(until: date, today: date) -> str:
    """Return the fault of an entry's last day, for `refuse`."""
    if until < today:
        return Sentence("is in the past")
    return Sentence("is more than two years away") if until > today + LONGEST else ""


def value_fault(listed: Listed, value: Value) -> str:
    """Return why a value may not be listed at all, for `refuse`, such as the domain of a free mail provider."""
    free = listed == Listed.BLOCK and value.kind == ListKind.DOMAIN and value.shown in FREE_MAIL
    return Sentence("is mail that anybody uses") if free else ""
