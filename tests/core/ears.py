"""Event handlers and timers of the tests' own. Each run of one adds a row to the database."""

import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from core.lanes import Timer, Urgency
from core.models import IdempotentAnswer
from core.outbox import Event, Subscription, later, now


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened(Event):
    """An event with one immediate and two later handlers; the second later one is patient and fails for every number above 99."""

    NAME: ClassVar[str] = "tests.happened"
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheard(Event):
    """An event without a handler."""

    NAME: ClassVar[str] = "tests.unheard"


SUBSCRIPTIONS: dict[type[Event], list[Subscription]] = {
    Happened: [now("tests.core.ears.hear_now"), later("tests.core.ears.hear"), later("tests.core.ears.hear_small", Urgency.PATIENT)],
    Unheard: [],
}
TIMERS = [
    Timer("tests.core.ears.first_timer"),
    Timer("tests.core.ears.broken_timer"),
    Timer("tests.core.ears.last_timer", "tests.core.ears.ALWAYS"),
]
ALWAYS = "%(at)s IS NOT NULL"
CLOCK_FOLLOWERS: list[str] = []


def _note(who: str, what: object, at: datetime) -> None:
    IdempotentAnswer.objects.create(scope=who, key=uuid.uuid4().hex, fingerprint=str(what), status=200, body={}, created_at=at)


def noted(who: str) -> list[str]:
    """Return the notes of one handler or timer, in order."""
    return list(IdempotentAnswer.objects.filter(scope=who).order_by("id").values_list("fingerprint", flat=True))


def hear_now(event: Happened, *, at: datetime) -> None:
    """Run in the publisher's transaction."""
    if event.number < 0:
        raise ValueError("no negative numbers")
    _note("now", event.number, at)


def hear(event: Happened, *, at: datetime) -> None:
    """Run slowly, so that others can come in between."""
    _note("later", event.number, at)
    time.sleep(0.01)


def hear_small(event: Happened, *, at: datetime) -> None:
    """Write first, then fail for large numbers: the write must be rolled back."""
    _note("small", event.number, at)
    if event.number > 99:
        raise ValueError("too large")


def first_timer(*, at: datetime) -> int:
    """Find work three times, then none."""
    return _work("first", at) if len(noted("first")) < 3 else 0


def broken_timer(*, at: datetime) -> int:
    """Always fail."""
    raise RuntimeError("broken")


def last_timer(*, at: datetime) -> int:
    """Find work once for each day."""
    day = at.astimezone(UTC).date().isoformat()
    return 0 if day in noted("last") else _work("last", at, day)


def _work(who: str, at: datetime, what: str = "") -> int:
    _note(who, what, at)
    return 1
