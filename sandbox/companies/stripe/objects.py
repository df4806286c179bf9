"""Stripe's objects as JSON rows: store, find, list newest first, and send events about changes."""

import json
from pathlib import Path
from typing import Any

from sandbox.world import World

from .protocol import VERSION, Call, Thing, invalid, missing, new_id, visible

MAX_PAGE = 100
# The fields of each kind of object with their default values.
SHAPES = {kind: json.dumps(shape) for kind, shape in json.loads((Path(__file__).parent / "shapes.json").read_text()).items()}


def new(call: Call, kind: str, prefix: str, **fields: Any) -> Thing:
    """A new object: the defaults of its kind, and the given fields (None leaves the default)."""
    shape: Thing = json.loads(SHAPES[kind])
    given = {name: value for name, value in fields.items() if value is not None}
    return {"id": new_id(prefix), "object": kind, "created": call.now_s(), **shape, **given}


def chosen(call: Call, names: str) -> Thing:
    """The parameters of a call that an object takes unchanged; `names` are separated by spaces."""
    return {name: call.params[name] for name in names.split() if call.params.get(name)}


def keep(world: World, thing: Thing, *, owner: str | None = None, parent: str | None = None) -> Thing:
    """Store a new object; lists filter by `owner` and `parent`."""
    values = [world.store.next_seq("stripe_objects"), thing["id"], thing["object"], owner, parent, json.dumps(thing)]
    world.store.run("INSERT INTO stripe_objects VALUES (?, ?, ?, ?, ?, ?)", values)
    return thing


def save(world: World, thing: Thing, *, owner: str | None = None) -> Thing:
    """Store the new state of an object; a given owner replaces the old one."""
    world.store.run("UPDATE stripe_objects SET body = ?, owner = coalesce(?, owner) WHERE id = ?", [json.dumps(thing), owner, thing["id"]])
    return thing


def disown(world: World, thing: Thing) -> Thing:
    """Remove an object's owner."""
    world.store.run("UPDATE stripe_objects SET owner = NULL WHERE id = ?", [thing["id"]])
    return save(world, thing)


def find(world: World, public_id: str, kind: str | None = None) -> Thing | None:
    """An object or None."""
    row = world.store.one("SELECT kind, body FROM stripe_objects WHERE id = ?", public_id)
    if row is None or (kind is not None and row["kind"] != kind):
        return None
    thing: Thing = json.loads(row["body"])
    return thing


def get(world: World, public_id: Any, kind: str, *, param: str = "id") -> Thing:
    """An object; stops with Stripe's `resource_missing` if there is none."""
    thing = find(world, public_id, kind) if isinstance(public_id, str) else None
    if thing is None:
        missing(kind, str(public_id), param)
    return thing


def page(call: Call, kind: str, url: str, *, owner: str | None = None, parent: str | None = None, owners: Any = None) -> Thing:
    """A list, newest first, by Stripe's `limit`, `starting_after` and `ending_before`."""
    store, params = call.world.store, call.params
    limit = _limit(params)
    where, values = ["kind = ?"], [kind]
    for column, value in (("owner", owner), ("parent", parent)):
        if value is not None:
            where.append(f"{column} = ?")
            values.append(value)
    if isinstance(owners, list):
        where.append(f"owner IN ({', '.join('?' * len(owners))})")
        values += map(str, owners)
    backwards = "ending_before" in params
    for name, sign in (("starting_after", "<"), ("ending_before", ">")):
        if name in params:
            row = store.one("SELECT seq FROM stripe_objects WHERE id = ? AND kind = ?", params[name], kind)
            if row is None:
                missing(kind, params[name], name)
            where.append(f"seq {sign} {row['seq']}")
    for sign, bound in _created(params):
        where.append(f"CAST(json_extract(body, '$.created') AS INTEGER) {sign} {bound}")
    order = "ASC" if backwards else "DESC"
    rows = store.all(f"SELECT body FROM stripe_objects WHERE {' AND '.join(where)} ORDER BY seq {order} LIMIT ?", *values, limit + 1)  # noqa: S608 - names are ours, values are bound
    data = [visible(json.loads(row["body"])) for row in rows[:limit]]
    return {"object": "list", "data": data[::-1] if backwards else data, "has_more": len(rows) > limit, "url": url}


def _limit(params: dict[str, Any]) -> int:
    text = params.get("limit", "10")
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or not 1 <= int(text[:5]) <= MAX_PAGE:
        invalid(f"Limit must be from 1 to {MAX_PAGE}.", param="limit")
    return int(text)


def _created(params: dict[str, Any]) -> list[tuple[str, int]]:
    signs = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
    given = params.get("created", {})
    bounds = given if isinstance(given, dict) else {"": given}
    try:
        return [(signs[name] if name else "=", int(value)) for name, value in bounds.items()]
    except (KeyError, ValueError):
        invalid("Invalid created filter.", param="created")


def metadata_of(call: Call, old: dict[str, str] | None = None) -> dict[str, str]:
    """The metadata after a call: given keys are set, an empty value removes its key."""
    given = call.params.get("metadata", {})
    if given == "":
        return {}
    if not isinstance(given, dict):
        invalid("Invalid metadata: must be a hash.", param="metadata")
    merged = {**(old or {}), **{name: str(value) for name, value in given.items()}}
    return {name: value for name, value in merged.items() if value != ""}


def endpoints(world: World) -> dict[str, Thing]:
    """The webhook endpoints with their secrets, by id; the id is the stream of their events."""
    made: dict[str, Thing] = world.memory["stripe"]
    return made


def tell(world: World, kind: str, thing: Thing) -> None:
    """Record an event and send it, signed, to every webhook endpoint that wants it."""
    event = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": VERSION,
        "created": world.clock.now_ms() // 1000,
        "livemode": False,
        "pending_webhooks": len(endpoints(world)),
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
        "data": {"object": visible(thing)},
    }
    keep(world, event, owner=kind)
    for public_id, endpoint in endpoints(world).items():
        if "*" in endpoint["enabled_events"] or kind in endpoint["enabled_events"]:
            world.courier.record(public_id, kind, event)
