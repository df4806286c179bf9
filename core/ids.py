"""Identifiers: time-ordered UUIDs in the database, opaque ids with a prefix in the API and on pages (`ord_...`)."""

import os
import re
import time
import uuid

from django.db import models

from core.errors import NotFound
from core.sentences import Sentence


def uuid7() -> uuid.UUID:
    """Return a new UUID version 7: milliseconds since 1970, the fraction in steps of 1/4096 ms, then random bits.

    RFC 9562, 6.2, method 3, as PostgreSQL's `uuidv7()` does it: the keys of one process sort in the order in which they were made.
    """
    ms, ns = divmod(time.time_ns(), 1_000_000)
    fraction = (ns << 12) // 1_000_000
    noise = int.from_bytes(os.urandom(8)) >> 2
    return uuid.UUID(int=ms << 80 | 7 << 76 | fraction << 64 | 2 << 62 | noise)


_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
# A key is 26 letters of 5 bits, made two at a time: `base64.b32encode` takes more than twice as long, and every charge writes several ids.
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_SHIFTS = range(120, -1, -10)
_DIGITS = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")
# The last letter holds only three bits; allowing just those letters gives each key exactly one id.
_CANONICAL = re.compile("[a-z2-7]{25}[aeimquy4]")


def public_id(prefix: str, key: uuid.UUID) -> str:
    """Return the public id of a key: prefix, underscore, 26 letters and digits."""
    bits = key.int << 2
    return f"{prefix}_{''.join([_PAIRS[bits >> shift & 1023] for shift in _SHIFTS])}"


def parse_id(prefix: str, value: object) -> uuid.UUID:
    """Return the key inside a public id; NotFound where the text is not an id of that prefix."""
    text = value if isinstance(value, str) else ""
    head, _, tail = text.partition("_")
    if head == prefix and len(tail) == 26 and _CANONICAL.fullmatch(tail):
        return uuid.UUID(int=int(tail.translate(_DIGITS), 32) >> 2)
    raise NotFound(UNKNOWN.get(prefix, "There is no such object."))


UNKNOWN = {
    "chk": Sentence("There is no such checkout."),
    "ord": Sentence("There is no such order."),
    "pln": Sentence("There is no such plan."),
    "cap": Sentence("There is no such capture."),
    "ref": Sentence("There is no such refund."),
    "set": Sentence("There is no such settlement."),
    "evt": Sentence("There is no such event."),
    "whk": Sentence("There is no such webhook endpoint."),
    "whd": Sentence("There is no such webhook delivery."),
    "con": Sentence("There is no such consumer."),
    "mer": Sentence("There is no such merchant."),
    "chg": Sentence("There is no such charge."),
    "aut": Sentence("There is no such authorization."),
    "pm": Sentence("There is no such payment method."),
    "rfd": Sentence("There is no such refund to a payment method."),
    "pay": Sentence("There is no such payout."),
    "brk": Sentence("There is no such break."),
    "dsp": Sentence("There is no such dispute."),
    "dec": Sentence("There is no such decision."),
    "key": Sentence("There is no such API key."),
    "msg": Sentence("There is no such message."),
    "prp": Sentence("There is no such proposal."),
    "mdl": Sentence("There is no such model."),
}


class Identified(models.Model):
    """A model whose key is a time-ordered UUID and whose public id is its prefix and that key."""

    PREFIX = ""
    MADE_IN_ORDER = True
    """Whether keys sort by the time at which rows were made; False where a key is derived from the row's content."""
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        """The id that callers and people see."""
        return public_id(self.PREFIX, self.id)
