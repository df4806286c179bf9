"""Stored e-mails and SMS, and their lists as pages and JSON: shared by the companies that send and the pages that show them."""

from collections.abc import Callable
from dataclasses import dataclass
from sqlite3 import Row
from typing import Any
from urllib.parse import urlencode

from sandbox.clock import for_people, iso
from sandbox.fields import cursor_of, limit_of
from sandbox.message import Answer, Request, json_answer
from sandbox.page import Safe, fill, page
from sandbox.texts import say
from sandbox.world import World

PAGE_SIZE = 50
END = 2**62


def keep(
    world: World, kind: str, *, to: str, sender: str, text: str, subject: str = "", html: str | None = None, headers: str | None = None
) -> str:
    """Store a message (`email` or `sms`) and return its id."""
    seq = world.store.next_seq("messages")
    values = [seq, kind, to.strip().lower(), to, sender, subject, text, html, headers, world.clock.now_ms()]
    world.store.run("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    return world.store.id_of("msg", seq)


def listing(world: World, request: Request, kind: str, render: Callable[[World, Row], dict[str, Any]]) -> Answer:
    """The messages of a kind as JSON, newest first."""
    query = request.query
    limit, before = limit_of(query), cursor_of(query, END)
    to = query.get("to", "").strip().lower()
    where = "kind = ? AND recipient = ? AND seq < ?" if to else "kind = ? AND seq < ?"
    values = [kind, to, before] if to else [kind, before]
    rows = world.store.all(f"SELECT * FROM messages WHERE {where} ORDER BY seq DESC LIMIT ?", *values, limit + 1)  # noqa: S608 - names are ours, values are bound
    more = len(rows) > limit
    rows = rows[:limit]
    return json_answer({"data": [render(world, row) for row in rows], "next_cursor": str(rows[-1]["seq"]) if more else None})


@dataclass(frozen=True, slots=True)
class Shelf:
    """The page for the messages of one kind."""

    kind: str
    title: str
    address: str
    lead: str
    label: str
    """The label of the filter's field."""
    empty: str
    """The text of an empty list."""
    empty_to: str
    """The text of an empty list of messages to `$to`."""
    row: str
    """The template of one message."""


def shelf_page(world: World, request: Request, shelf: Shelf) -> Answer:
    """The messages of a shelf, newest first; a filter finds a part of the recipient."""
    query = request.query
    to, before = query.get("to", "").strip(), cursor_of(query, END)
    pattern = "%" + to.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    where = "kind = ? AND seq < ?" + (" AND recipient LIKE ? ESCAPE '\\'" if to else "")
    values = [shelf.kind, before, *([pattern] if to else [])]
    rows = world.store.all(f"SELECT * FROM messages WHERE {where} ORDER BY seq DESC LIMIT ?", *values, PAGE_SIZE + 1)  # noqa: S608 - names are ours, values are bound
    shown = rows[:PAGE_SIZE]
    items = Safe("".join(_row(world, row, shelf) for row in shown))
    listed = fill("rows", rows=items) if shown else fill("empty", text=say(shelf.empty_to, to=to) if to else say(shelf.empty))
    pager = Safe("")
    if len(rows) > PAGE_SIZE:
        older = f"{shelf.address}?" + urlencode({"to": to, "cursor": shown[-1]["seq"]})
        pager = fill("pager", older=older)
    title = say(shelf.title)
    head = {"title": title, "lead": say(shelf.lead), "address": shelf.address, "label": say(shelf.label)}
    return page(title, fill("messages", **head, to=to, rows=listed, pager=pager))


def _row(world: World, row: Row, shelf: Shelf) -> Safe:
    return fill(
        shelf.row,
        address=shelf.address + world.store.id_of("msg", row["seq"]),
        subject=row["subject"] or say("(no subject)"),
        to=row["to_text"],
        sender=row["sender"],
        text=row["text"],
        at=for_people(row["at"]),
        iso=iso(row["at"]),
    )
