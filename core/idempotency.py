"""Idempotency of calls that move money: a repeated key and body gets the stored answer.

The answer is stored in the transaction of the work, so that a killed process leaves both or neither. An error rolls back both, and is not
stored: a repeated request then runs again, which is safe because nothing was done.
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
"""The status of a row that holds the progress of the work, and no answer yet."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, and whether it was already stored."""

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
    """Return a hash that is equal for equal requests."""
    return hashlib.sha256(b"\x00".join(parts)).hexdigest()


@dataclass(frozen=True, slots=True)
class Once:
    """One request of one caller: the key with its scope, and the fingerprint that identifies a repetition.

    `wait_s` is how many seconds a simultaneous second request waits for the first.
    """

    scope: str
    key: str
    print_: str
    wait_s: float = 0.0

    def run(self, *, at: datetime, work: Callable[[], tuple[int, Any]]) -> Answer:
        """Run the work once in one transaction, and return its answer or the stored one; see `run_once`."""
        return run_once(scope=self.scope, key=self.key, print_=self.print_, at=at, work=work, wait_s=self.wait_s)

    def find(self) -> Answer | None:
        """Return the stored answer, if any; Invalid where the key was used with another body."""
        stored = IdempotentAnswer.objects.filter(scope=self.scope, key=self.key).first()
        return _same(stored, self.print_) if stored is not None else None

    def note(self, *, status: int, body: Any, at: datetime) -> None:
        """Store an answer that no transaction of ours made, such as a bank's refusal; an answer stored earlier stays."""
        told = IdempotentAnswer(scope=self.scope, key=self.key, fingerprint=self.print_, status=status, body=body, created_at=at)
        IdempotentAnswer.objects.bulk_create([told], ignore_conflicts=True)

    def steps_done(self) -> int:
        """Return how many steps are done of work that takes several transactions; Invalid where the key was used with another body."""
        stored = IdempotentAnswer.objects.filter(scope=self._steps, key=self.key).first()
        return int(_same(stored, self.print_).body) if stored is not None else 0

    def note_steps(self, done: int, *, at: datetime) -> None:
        """Store the number of steps done, in the transaction of the last one: after a crash, a repetition continues there."""
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
    """Take a key's lock, waiting up to `wait_s` seconds: a person's second click wants the answer of the first."""
    until = time.monotonic() + wait_s
    while not try_lock(name):
        if time.monotonic() >= until:
            return False
        time.sleep(LOOK_S)
    return True
