"""Identifiers: UUIDs that sort by time inside, prefixed opaque ids outside (`ord_...`)."""

import base64
import binascii
import os
import time
import uuid

from django.db import models

from core.errors import NotFound


def uuid7() -> uuid.UUID:
    """Return a new UUID version 7 (RFC 9562): milliseconds since 1970, then random bits."""
    ms = time.time_ns() // 1_000_000
    value = (ms << 80) | int.from_bytes(os.urandom(10))
    value = (value & ~(0xF << 76)) | (7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return uuid.UUID(int=value)


def public_id(prefix: str, key: uuid.UUID) -> str:
    """Return the id that the outside sees: prefix, underscore, 26 letters and digits."""
    return f"{prefix}_{base64.b32encode(key.bytes).decode().rstrip('=').lower()}"


def parse_id(prefix: str, value: object) -> uuid.UUID:
    """Return the key inside a public id; NotFound where it is not one of that prefix."""
    text = value if isinstance(value, str) else ""
    head, _, tail = text.partition("_")
    try:
        if head != prefix or len(tail) != 26 or tail != tail.lower():
            raise ValueError(text)
        return uuid.UUID(bytes=base64.b32decode(tail.upper() + "======"))
    except (ValueError, binascii.Error):
        raise NotFound(f"There is no such {NAMES.get(prefix, 'object')}.") from None


NAMES = {
    "chk": "checkout",
    "ord": "order",
    "pln": "plan",
    "cap": "capture",
    "ref": "refund",
    "set": "settlement",
    "evt": "event",
    "whk": "webhook endpoint",
    "whd": "webhook delivery",
    "con": "consumer",
    "mer": "merchant",
    "chg": "charge",
    "aut": "authorization",
    "pm": "payment method",
    "rfd": "refund to a payment method",
    "pay": "payout",
    "dec": "decision",
    "key": "API key",
    "msg": "message",
}


class Identified(models.Model):
    """A model whose key is a time-ordered UUID and whose public id is its prefix and that key."""

    PREFIX = ""
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True

    @property
    def public_id(self) -> str:
        """The id that the outside sees."""
        return public_id(self.PREFIX, self.id)
