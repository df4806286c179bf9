"""Idempotency of calls that move money: the same key and body give the stored answer.

The answer is stored in the very transaction of the work, so that a killed process leaves either both or none.
An error rolls both back and is not stored: repeating it runs it again, which is safe because nothing was done.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.db import try_lock, unit
from core.errors import Conflict, Invalid
from core.models import IdempotentAnswer

KEEP_DAYS = 30
OLD_ANSWERS = "EXISTS (SELECT 1 FROM core_idempotentanswer WHERE created_at < %(at)s - interval '30 days')"
"""Whether an answer is old enough to be dropped."""
MAX_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer and whether it was stored before."""

    status: int
    body: Any
    replayed: bool = False


def check_key(key: str) -> str:
    """Return the key; Invalid unless it is 1 to 255 visible ASCII characters."""
    if not 1 <= len(key) <= MAX_LENGTH or any(not 33 <= ord(char) <= 126 for char in key):
        raise Invalid(
            "The Idempotency-Key must be 1 to 255 visible ASCII characters.",
            code="idempotency.key_invalid",
            fields={"Idempotency-Key": "1 to 255 visible ASCII characters"},
        )
    return key


def fingerprint(*parts: bytes) -> str:
    """Return the hash by which two requests are the same request."""
    return hashlib.sha256(b"\x00".join(parts)).hexdigest()


def run_once(*, scope: str, key: str, print_: str, at: datetime, work: Callable[[], tuple[int, Any]]) -> Answer:
    """Run the work once for a scope and key and return its answer, or the stored one.

    Conflict where the first request still runs; Invalid where the key was used with another body.
    """
    with unit():
        if not try_lock(f"idempotency:{scope}:{key}"):
            raise Conflict("A request with this Idempotency-Key is still running.", code="idempotency.in_progress")
        stored = IdempotentAnswer.objects.filter(scope=scope, key=key).first()
        if stored is not None:
            if stored.fingerprint != print_:
                raise Invalid(
                    "This Idempotency-Key was used with another request.",
                    code="idempotency.key_reused",
                    fields={"Idempotency-Key": "used with another request"},
                )
            return Answer(stored.status, stored.body, replayed=True)
        status, body = work()
        IdempotentAnswer.objects.create(scope=scope, key=key, fingerprint=print_, status=status, body=body, created_at=at)
    return Answer(status, body)


def forget_old(*, at: datetime) -> int:
    """Drop answers older than 30 days; a timer. Return how many."""
    return IdempotentAnswer.objects.filter(created_at__lt=at - timedelta(days=KEEP_DAYS)).delete()[0]
