"""The gateway's events: sent to one address, signed as Standard Webhooks require."""

import json
from dataclasses import dataclass
from sqlite3 import Row
from typing import Any

from sandbox.clock import iso
from sandbox.courier import standard_headers
from sandbox.fields import optional_text, url_of
from sandbox.message import Answer, Request, json_answer
from sandbox.world import Address, Events, World

from . import records

STREAM = "gateway"
DEFAULT_SECRET = "whsec_c2FuZGJveF9ldmVudHNfc2VjcmV0XzAwMDE="  # noqa: S105 - documented, opens nothing but the sandbox


@dataclass(slots=True)
class Destination:
    """Where the events are sent; None means nowhere, and then none are recorded."""

    url: str | None
    secret: str


def remembered(world: World) -> Destination:
    """The destination of the options, or else the one set before."""
    options, store = world.options, world.store
    secret = options.events_secret or store.setting("events_secret") or DEFAULT_SECRET
    return Destination(options.events_url or store.setting("events_url"), secret)


def destination(world: World) -> Destination:
    """The current destination."""
    current: Destination = world.memory["gateway"]
    return current


def tell(world: World, kind: str, data: dict[str, Any]) -> None:
    """Record an event, if there is a receiver."""
    if listens(world):
        world.courier.record(STREAM, kind, {"type": kind, "timestamp": iso(world.clock.now_ms()), "data": data})


def listens(world: World) -> bool:
    """Whether events have a receiver, or are lost on purpose; checked first if the payload is expensive to make."""
    return destination(world).url is not None or world.chaos.loses_events("gateway")


def show(world: World, _request: Request) -> Answer:
    """The address to which the events are sent."""
    return json_answer({"url": destination(world).url})


def change(world: World, request: Request) -> Answer:
    """Set the address for the events, or none; it is kept over restarts."""
    body, current = request.json(), destination(world)
    current.url = url_of(body, "url") if body.get("url") is not None else None
    current.secret = optional_text(body, "secret") or current.secret
    world.store.set_setting("events_url", current.url)
    world.store.set_setting("events_secret", current.secret)
    world.courier.look()
    return show(world, request)


def listing(world: World, request: Request) -> Answer:
    """The events, oldest first, with the state of each delivery."""
    return records.listing(world, request, "events", {"type": "type", "stream": "stream"}, event_json)


def event_json(world: World, row: Row) -> dict[str, Any]:
    """An event and its delivery as JSON."""
    delivery = {"delivered": bool(row["delivered"]), "attempts": row["attempts"], "stream": row["stream"]}
    return {"id": world.store.id_of("evt", row["seq"]), **json.loads(row["body"]), **delivery}


def _address(world: World, _stream: str) -> Address | None:
    current = destination(world)
    return Address(current.url, current.secret) if current.url else None


EVENTS = Events(streams=STREAM, address=_address, headers=standard_headers)
