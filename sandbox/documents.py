"""Shared by the KYC provider and the bureau: numbered JSON documents, found by id or reference."""

import json
from sqlite3 import Row
from typing import Any

from sandbox.clock import iso
from sandbox.fields import cursor_of, limit_of
from sandbox.message import Answer, Request, json_answer, refuse
from sandbox.world import World


def keep(world: World, kind: str, prefix: str, reference: str, body: dict[str, Any]) -> Row:
    """Store a document, once for each reference, and return its row; `asked` in its body counts the requests for it."""
    before = world.store.one("SELECT * FROM documents WHERE kind = ? AND reference = ? ORDER BY seq LIMIT 1", kind, reference)
    if before is not None:
        known = json.loads(before["body"])
        sql = "UPDATE documents SET body = ? WHERE seq = ? RETURNING *"
        row = world.store.one(sql, json.dumps({**known, "asked": known["asked"] + 1}), before["seq"])
    else:
        seq, now_ms = world.store.next_seq("documents"), world.clock.now_ms()
        document = {"id": world.store.id_of(prefix, seq), "reference": reference, **body, "at": iso(now_ms), "asked": 1}
        sql = "INSERT INTO documents VALUES (?, ?, ?, ?, ?) RETURNING *"
        row = world.store.one(sql, seq, kind, reference, json.dumps(document), now_ms)
    assert row is not None
    return row


def get_or_404(world: World, kind: str, prefix: str, request: Request) -> Row:
    """The row that the path names."""
    seq = world.store.seq_of(prefix, request.params["id"])
    row = world.store.one("SELECT * FROM documents WHERE seq = ? AND kind = ?", seq, kind)
    if row is None:
        refuse(404, "not_found", "There is no such object.")
    return row


def rows_by_reference(world: World, kind: str, request: Request) -> list[Row]:
    """The documents of a reference, oldest first."""
    query = request.query
    reference = query.get("reference")
    if not reference:
        refuse(400, "invalid_request", "Give a reference.", field="reference")
    sql = "SELECT * FROM documents WHERE kind = ? AND reference = ? AND seq > ? ORDER BY seq LIMIT ?"
    return world.store.all(sql, kind, reference, cursor_of(query, 0), limit_of(query))


def whole_list(documents: list[dict[str, Any]]) -> Answer:
    """A list that fits on one page."""
    return json_answer({"data": documents, "next_cursor": None})
