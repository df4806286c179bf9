"""E-mail addresses and phone numbers as pages show them: enough to recognize your own, too little to learn another person's. Pure."""

from accounts.rules import shown_email, shown_phone
from core.unreadable import Unreadable

DOTS = "···"


def channel_of(contact: str) -> str:
    """Return whether a contact as typed is an `email` address or a number (`sms`)."""
    return "email" if "@" in contact else "sms"


def mask_email(email: str) -> str:
    """Hide all but the first letter and the domain: `a···@example.com`."""
    name, _, domain = shown_email(email).rpartition("@")
    return f"{name[:1]}{DOTS}@{domain}"


def mask_phone(phone: str) -> str:
    """Hide all but the last three digits: `··· 567`."""
    return f"{DOTS} {''.join(filter(str.isdecimal, phone))[-3:]}"


def shown(contact: str) -> str:
    """Write a stored e-mail address or number in full, as people write it: `anna@bücher.example`, `+1 212-555-0123`."""
    return shown_email(contact) if channel_of(contact) == "email" else shown_phone(contact)


def mask(contact: str) -> str:
    """Hide most of an e-mail address or a number; an empty text stays empty, and so does the placeholder for unreadable data."""
    if not contact or isinstance(contact, Unreadable):
        return str(contact)
    return mask_email(contact) if channel_of(contact) == "email" else mask_phone(contact)
