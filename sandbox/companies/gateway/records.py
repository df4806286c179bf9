"""Shared by charges, refunds, payouts and authorizations: replay by key, look-up, and the cursor-paginated report."""

from collections.abc import Callable
from sqlite3 import Row
from typing import Any

from sandbox.fields import cursor_of, limit_of, moment_of
from sandbox.message import Answer, Request, json_answer, refuse
from sandbox.minimums import smallest
from sandbox.money import amount_text
from sandbox.world import World

Render = Callable[[World, Row], dict[str, Any]]
REPLAYED = (("Idempotent-Replayed", "true"),)


def stored(world: World, table: str, key: str, wanted: dict[str, Any]) -> Row | None:
    """The earlier row with a key; refuses with 409 if its request had other values."""
    row = world.store.one(f"SELECT * FROM {table} WHERE key = ?", key)  # noqa: S608 - names are ours, values are bound
    if row is not None and any(row[name] != value for name, value in wanted.items()):
        refuse(409, "idempotency_key_reused", "This Idempotency-Key was used with another body.")
    return row


def refuse_small(wanted: dict[str, Any]) -> None:
    """Refuse with 400 an amount below the card networks' minimum; nothing is recorded."""
    least = smallest(wanted["currency"])
    if wanted["amount"] < least:
        text = amount_text(least, wanted["currency"])
        refuse(400, "amount_too_small", f"The amount must be at least {text}.", field="amount")


def insert(world: World, table: str, values: dict[str, Any]) -> Row:
    """Add a numbered row and read it back."""
    names = ("seq", *values)
    marks = ", ".join("?" * len(names))
    sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks}) RETURNING *"  # noqa: S608 - names are ours, values are bound
    row = world.store.one(sql, world.store.next_seq(table), *values.values())
    assert row is not None
    return row


def at(world: World, table: str, seq: int) -> Row:
    """The current state of an existing row, by its number."""
    row = world.store.one(f"SELECT * FROM {table} WHERE seq = ?", seq)  # noqa: S608 - names are ours, values are bound
    assert row is not None
    return row


def answer_for(row: Row, document: dict[str, Any], *, replayed: bool) -> Answer:
    """201, or 402 for a decline; a replay carries its header."""
    status = 402 if row["status"] in ("failed", "requires_action") else 201
    return json_answer(document, status, REPLAYED if replayed else ())


def charge_id(world: World, row: Row) -> str:
    """The public id of a charge."""
    return world.store.id_of("ch", row["seq"])


def failure_json(code: str | None) -> dict[str, str] | None:
    """The `failure` part of an object that a bank returned."""
    return {"code": code, "decline_code": code, "message": code.replace("_", " ").capitalize() + "."} if code else None


def found(world: World, table: str, prefix: str, public_id: str) -> Row | None:
    """A row by its public id, or None."""
    return world.store.one(f"SELECT * FROM {table} WHERE seq = ?", world.store.seq_of(prefix, public_id))  # noqa: S608 - names are ours, values are bound


def get_or_404(world: World, table: str, prefix: str, request: Request) -> Row:
    """The row that the path names."""
    row = found(world, table, prefix, request.params["id"])
    if row is None:
        refuse(404, "not_found", "There is no such object.")
    return row


def listing(world: World, request: Request, table: str, filters: dict[str, str], render: Render) -> Answer:
    """A page of a table, oldest first, all or of a period (`since`, `until`); `filters` maps query parameters to columns."""
    query = request.query
    limit = limit_of(query)
    where: list[str] = ["seq > ?"]
    values: list[Any] = [cursor_of(query, 0)]
    for name, sign in (("since", ">="), ("until", "<")):
        if name in query:
            where.append(f"at {sign} ?")
            values.append(moment_of(query, name))
    for name, column in filters.items():
        if name in query:
            where.append(f"{column} = ?")
            values.append(query[name])
    rows = world.store.all(f"SELECT * FROM {table} WHERE {' AND '.join(where)} ORDER BY seq LIMIT ?", *values, limit + 1)  # noqa: S608 - names are ours, values are bound
    more = len(rows) > limit
    rows = rows[:limit]
    return json_answer({"data": [render(world, row) for row in rows], "next_cursor": str(rows[-1]["seq"]) if more else None})
