"""The phone: every SMS of the sandbox, as a page and as an API."""

from sqlite3 import Row
from typing import Any

from sandbox import letters
from sandbox.clock import iso
from sandbox.message import Answer, Request
from sandbox.world import World

SHELF = letters.Shelf(
    kind="sms",
    title="Phone",
    address="/phone/",
    lead="Every SMS of the sandbox lands here, one-time codes too.",
    label="Filter by phone number",
    empty="No SMS yet. Messages appear here as soon as the platform sends one; ask for a one-time code to try it.",
    empty_to="No SMS to $to yet. Clear the filter to see all.",
    row="sms_row",
)


def api_list(world: World, request: Request) -> Answer:
    """SMS as JSON, newest first."""
    return letters.listing(world, request, "sms", sms_json)


def sms_json(world: World, row: Row) -> dict[str, Any]:
    """An SMS as JSON."""
    return {
        "id": world.store.id_of("msg", row["seq"]),
        "to": row["to_text"],
        "from": row["sender"],
        "text": row["text"],
        "at": iso(row["at"]),
    }


def phone(world: World, request: Request) -> Answer:
    """The list of SMS, newest first."""
    return letters.shelf_page(world, request, SHELF)
