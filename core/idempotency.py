"""Idempotency of calls that move money: the same key and body give the stored answer.

The answer is stored in the very transaction of the work, so that a killed process leaves either both or none.
An error rolls both back and is not stored: repeating it runs it again, which is safe because nothing was done.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.db import try_lock, unit
from core.errors import Conflict, Invalid
from core.models import IdempotentAnswer
from core.sentences import Sentence

MAX_LENGTH = 255
LOOK_S = 0.02
UNDER_WAY = 102
"""The status of a row that holds no answer yet, but how far the work is."""


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
            fields={"Idempotency-Key": Sentence("1 to 255 visible ASCII characters")},
        )
    return key


def fingerprint(*parts: bytes) -> str:
    """Return the hash that is equal for two equal requests."""
    return hashlib.sha256(b"\x00".join(parts)).hexdigest()


@dataclass(frozen=True, slots=True)
class Once:
    """One request of one caller: the scope of the key, the key, and the fingerprint by which a repetition is recognized.

    `wait_s` is how many seconds the second of two simultaneous requests waits for the first.
    """

    scope: str
    key: str
    print_: str
    wait_s: float = 0.0

    def run(self, *, at: datetime, work: Callable[[], tuple[int, Any]]) -> Answer:
        """Run the work once in one transaction, and return its answer or the stored one; see `run_once`."""
        return run_once(scope=self.scope, key=self.key, print_=self.print_, at=at, work=work, wait_s=self.wait_s)

    def find(self) -> Answer | None:
        """Return the answer that was given before, if any; Invalid where the key was used with another body."""
        stored = IdempotentAnswer.objects.filter(scope=self.scope, key=self.key).first()
        return _same(stored, self.print_) if stored is not None else None

    def note(self, *, status: int, body: Any, at: datetime) -> None:
        """Store an answer that came from no transaction of ours, such as a bank's refusal; the first stored answer stays."""
        told = IdempotentAnswer(scope=self.scope, key=self.key, fingerprint=self.print_, status=status, body=body, created_at=at)
        IdempotentAnswer.objects.bulk_create([told], ignore_conflicts=True)

    def steps_done(self) -> int:
        """Return how many steps are done of work that is no single transaction; Invalid where the key was used with another body."""
        stored = IdempotentAnswer.objects.filter(scope=self._steps, key=self.key).first()
        return int(_same(stored, self.print_).body) if stored is not None else 0

    def note_steps(self, done: int, *, at: datetime) -> None:
        """Store how many steps are done, in the transaction of the last one: after a death a repetition goes on there."""
        told = {"fingerprint": self.print_, "status": UNDER_WAY, "body": done, "created_at": at}
        IdempotentAnswer.objects.update_or_create(scope=self._steps, key=self.key, defaults=told)

    @property
    def _steps(self) -> str:
        return f"{self.scope}:steps"

    def part(self, name: str) -> "Once":
        """Return the key of one part of a request, so that each part runs once by itself."""
        return replace(self, key=f"{self.key}:{name}")


def run_once(*, scope: str, key: str, print_: str, at: datetime, work: Callable[[], tuple[int, Any]], wait_s: float = 0.0) -> Answer:
    """Run the work once for a scope and key and return its answer, or the stored one.

    Conflict where the first request still runs after `wait_s` seconds; Invalid where the key was used with another body.
    """
    with unit():
        if not _take(f"idempotency:{scope}:{key}", wait_s):
            raise Conflict("A request with this Idempotency-Key is still running.", code="idempotency.in_progress")
        stored = IdempotentAnswer.objects.filter(scope=scope, key=key).first()
        if stored is not None:
            return _same(stored, print_)
        status, body = work()
        IdempotentAnswer.objects.create(scope=scope, key=key, fingerprint=print_, status=status, body=body, created_at=at)
    return Answer(status, body)


def _same(stored: IdempotentAnswer, print_: str) -> Answer:
    """Return a stored answer; Invalid where it belongs to another request."""
    if stored.fingerprint != print_:
        raise Invalid(
            "This Idempotency-Key was used with another request.",
            code="idempotency.key_reused",
            fields={"Idempotency-Key": Sentence("used with another request")},
        )
    return Answer(stored.status, stored.body, replayed=True)


def _take(name: str, wait_s: float) -> bool:
    """Take the lock of a key, trying again until the wait is over: a person's second click wants the first one's answer."""
    until = time.monotonic() + wait_s
    while not try_lock(name):
        if time.monotonic() >= until:
            return False
        time.sleep(LOOK_S)
    return True
