"""Domain events: published in the transaction that made them true, and handled at once or through the outbox.

A subscription says `now` (the handler runs in the publisher's own transaction, as the ledger needs) or `later`. Events with a later handler
become rows, and a relay hands each (event, handler) pair to a worker. The handler's effect and the mark that it ran are one commit, so that
each pair runs once however often it is woken.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache, partial
from typing import Any, ClassVar, Protocol, Self

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from core.acting import who_acts
from core.arrays import text_array
from core.lanes import Urgency
from core.writes import afterwards, change


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened: a past-tense name and a payload of plain values, never personal data.

    `EARLIER` holds the event's names in earlier versions, so that rows with those names are still handled during and after an upgrade.
    """

    NAME: ClassVar[str] = ""
    EARLIER: ClassVar[tuple[str, ...]] = ()

    def payload(self) -> dict[str, Any]:
        """Return the fields, which are plain values."""
        return {name: getattr(self, name) for name in _names(type(self))}

    @classmethod
    def load(cls, payload: dict[str, Any]) -> Self:
        """Make an event from its payload; unknown fields of an older or newer version are left out."""
        known = _names(cls)
        return cls(**{key: value for key, value in payload.items() if key in known})


_fields: dict[type[Event], tuple[str, ...]] = {}


def _names(event: type[Event]) -> tuple[str, ...]:
    if event not in _fields:
        _fields[event] = tuple(field.name for field in fields(event))
    return _fields[event]


class Handler(Protocol):
    """A function that handles an event."""

    def __call__(self, event: Any, *, at: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class Subscription:
    """A handler of an event, when it runs, and its urgency: an `urgent` one runs before all others that wait."""

    handler: str
    when: str
    urgency: Urgency = Urgency.USUAL


def now(handler: str) -> Subscription:
    """Subscribe a handler (dotted path) to run in the publisher's transaction."""
    return Subscription(handler, "now")


def later(handler: str, urgency: Urgency = Urgency.USUAL) -> Subscription:
    """Subscribe a handler (dotted path) to run in a worker after the commit."""
    return Subscription(handler, "later", urgency)


@cache
def _table() -> dict[str, tuple[type[Event], tuple[Handler, ...], tuple[Subscription, ...]]]:
    subscriptions: dict[type[Event], list[Subscription]] = import_string(settings.SUBSCRIPTIONS)
    return {
        name: (
            event,
            tuple(import_string(s.handler) for s in heard if s.when == "now"),
            tuple(s for s in heard if s.when == "later"),
        )
        for event, heard in subscriptions.items()
        for name in (event.NAME, *event.EARLIER)
    }


def event_type(name: str) -> type[Event]:
    """Return the class of an event by its name."""
    return _table()[name][0]


def later_handlers(name: str) -> tuple[str, ...]:
    """Return the dotted paths of an event's later handlers."""
    return tuple(s.handler for s in _table()[name][2]) if name in _table() else ()


def all_later() -> tuple[list[str], list[str], list[str]]:
    """Return three columns with a row for each later handler: the event's name, the handler's path, the stream's field."""
    heard = [(name, s.handler, stream_field(event)) for name, (event, _, later_ones) in _table().items() for s in later_ones]
    return [name for name, _, _ in heard], [handler for _, handler, _ in heard], [field for _, _, field in heard]


def urgencies() -> dict[str, Urgency]:
    """Return the urgency of each later handler, by dotted path."""
    return {s.handler: s.urgency for _, _, later_ones in _table().values() for s in later_ones}


def stream_field(event: type[Event]) -> str:
    """Return the field that names an event's stream, within which order is kept: its first field, the object's id; empty for none."""
    return next(iter(_names(event)), "")


@cache
def load_handler(path: str) -> Callable[..., None]:
    """Return a handler by its dotted path."""
    return import_string(path)  # type: ignore[no-any-return]


def append(*events: Event, at: datetime) -> None:
    """Publish events inside the running transaction: run the `now` handlers, and store the events for the `later` handlers."""
    append_all(events, at=at)


# A due run publishes an event for every charge, and making a model object for each takes five times as long.
_KEEP = """
    INSERT INTO core_outboxevent (name, payload, at, relayed, actor, source)
    SELECT e.name, e.payload::jsonb, %s, false, %s, %s FROM unnest(%s::text[], %s::text[]) AS e(name, payload)"""

_KEEP_KIND = """
    INSERT INTO core_outboxevent (name, payload, at, relayed, actor, source)
    SELECT %s, payload::jsonb, %s, false, %s, %s FROM unnest(%s::text[]) AS payload"""


def append_payloads(event: type[Event], payloads: str, *, at: datetime) -> None:
    """Publish many events of one type with only later handlers; `payloads` is an array literal that the database itself wrote."""
    if not connection.in_atomic_block:
        raise RuntimeError("events are told inside a transaction")
    _, now_heard, later_heard = _table().get(event.NAME, (event, (), ()))
    if now_heard:
        raise RuntimeError(f"{event.NAME} is heard in the same transaction: tell it by append_all")
    if later_heard:
        change(_KEEP_KIND, [event.NAME, at, *who_acts(), payloads])


def append_all(events: Iterable[Event], *, at: datetime) -> None:
    """Publish many events at once; one statement stores all that have a later handler."""
    if not connection.in_atomic_block:
        raise RuntimeError("events are told inside a transaction")
    told = list(events)
    kept = [event for event in told if later_handlers(event.NAME)]
    if kept:
        payloads = text_array(json.dumps(event.payload()) for event in kept)
        change(_KEEP, [at, *who_acts(), text_array(event.NAME for event in kept), payloads])
    for event in told:
        for handler in _table()[event.NAME][1] if event.NAME in _table() else ():
            afterwards(partial(handler, event, at=at))
